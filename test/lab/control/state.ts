import { formatChangeId } from '../disk/change-tracker.ts';
import type { VmDisk } from '../model/devices.ts';
import type { Site } from '../model/site.ts';
import type { Vm } from '../model/vm.ts';
import type { LabDiskState, LabState, LabVmState } from './lab-control.ts';

export function labState(site: Site, connections: number): LabState {
  const { appliance } = site;
  const foreign = appliance?.disks.filter((disk) => !disk.owned) ?? [];
  return {
    vms: [...site.vms.values()].map(vmState),
    attachments: foreign.map(({ key, leaf, mode }) => ({ key, fileName: leaf.fileName, mode })),
    openTasks: site.tasks.open,
    vimTasks: site.tasks.underWay,
    connections,
    violations: site.violations,
  };
}

export function vmState(vm: Vm): LabVmState {
  return {
    moref: vm.ref.value,
    name: vm.name,
    uuid: vm.uuid,
    instanceUuid: vm.instanceUuid,
    power: vm.power,
    consolidationNeeded: vm.consolidationNeeded,
    busy: vm.busyWith !== undefined,
    snapshots: vm
      .allSnapshots()
      .map(({ ref, name, description }) => ({ moref: ref.value, name, description })),
    disks: vm.disks.map((disk) => diskState(vm, disk)),
    extraConfig: Object.fromEntries(vm.extraConfig),
  };
}

function diskState(vm: Vm, disk: VmDisk): LabDiskState {
  return {
    key: disk.key,
    label: disk.label,
    fileName: disk.leaf.fileName,
    sizeBytes: disk.leaf.sizeBytes,
    uuid: disk.leaf.uuid,
    chain: disk.leaf.chain().map((file) => file.fileName),
    bus: vm.controller(disk.controllerKey)?.busNumber ?? 0,
    unit: disk.unitNumber,
    mode: disk.mode,
    changeId: disk.tracker === undefined ? undefined : formatChangeId(disk.tracker.current),
  };
}
