"""Drives a server with pyVmomi as a backup program would; reads {"host", "port", "user", "password", "vm",
"step"} from its standard input and prints what it saw as JSON.

step "first": inventory, snapshot, positions and allocated areas. step "second" gets the "changeIds" of the
first: a new snapshot and the areas changed since. Both remove their snapshot.
"""

import json
import ssl
import sys

from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask
from pyVmomi import vim


def find_vm(content, name):
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    try:
        return next(vm for vm in view.view if vm.name == name)
    finally:
        view.Destroy()


def areas(vm, snapshot, disk, change_id):
    found, start = [], 0
    while start < disk.capacityInBytes:
        answer = vm.QueryChangedDiskAreas(snapshot, disk.key, start, change_id)
        found += [[area.start, area.length] for area in answer.changedArea]
        start = answer.startOffset + answer.length
    return found


def look(vm, order):
    task = vm.CreateSnapshot_Task(name="by pyVmomi", description="", memory=False, quiesce=True)
    WaitForTask(task)
    snapshot = task.info.result
    try:
        disks = [d for d in snapshot.config.hardware.device if isinstance(d, vim.vm.device.VirtualDisk)]
        since = order.get("changeIds", {})
        return {
            "tree": [each.name for each in vm.snapshot.rootSnapshotList],
            "files": [disk.backing.fileName for disk in disks],
            "changeIds": {str(disk.key): disk.backing.changeId for disk in disks},
            "areas": {str(d.key): areas(vm, snapshot, d, since.get(str(d.key), "*")) for d in disks},
        }
    finally:
        WaitForTask(snapshot.RemoveSnapshot_Task(removeChildren=False))


def main():
    order = json.load(sys.stdin)
    service = SmartConnect(
        host=order["host"],
        port=order["port"],
        user=order["user"],
        pwd=order["password"],
        sslContext=ssl._create_unverified_context(),
    )
    try:
        vm = find_vm(service.RetrieveContent(), order["vm"])
        seen = look(vm, order)
        seen["about"] = service.content.about.fullName
        seen["uuid"] = vm.config.instanceUuid
        seen["left"] = vm.snapshot is not None
        json.dump(seen, sys.stdout)
    finally:
        Disconnect(service)


main()
