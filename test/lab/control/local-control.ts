import { Random } from '../disk/random.ts';
import { addScenarioDisk, addVm } from '../model/add-vm.ts';
import type { DevicePlug } from '../model/device-plug.ts';
import { createSnapshot, removeSnapshots } from '../model/snapshots.ts';
import { powerOff, powerOn } from '../model/power.ts';
import { destroyVm } from '../model/provision.ts';
import type { VmDisk } from '../model/devices.ts';
import type { Vm } from '../model/vm.ts';
import type { Dispatcher } from '../server/dispatch.ts';
import { GuestWriter } from './guest-writer.ts';
import type { DiskRef, GuestBytes, LabControl } from './lab-control.ts';
import { labState, vmState } from './state.ts';

export interface ControlParts {
  readonly dispatcher: Dispatcher;
  readonly devices: Pick<DevicePlug, 'appearance'>;
  readonly setCapture: (on: boolean) => void;
}

/** The control methods, working on the lab in this process. */
export function localControl(parts: ControlParts): LabControl & AsyncDisposable {
  const { dispatcher, devices } = parts;
  const { world, faults, counters } = dispatcher;
  const { site } = world;
  const writers = new Map<string, GuestWriter>();

  const vmAt = (name: string): Vm => {
    const found = [...site.vms.values()].find((vm) => vm.ref.value === name || vm.name === name);
    if (found === undefined) throw new Error(`the lab has no VM ${name}`);
    return found;
  };
  const diskAt = (at: DiskRef): { vm: Vm; disk: VmDisk } => {
    const vm = vmAt(at.vm);
    const disk = vm.disk(at.key);
    if (disk === undefined) throw new Error(`${at.vm} has no disk ${at.key}`);
    return { vm, disk };
  };
  const stopWriter = async (vm: string): Promise<number> => {
    const writer = writers.get(vm);
    writers.delete(vm);
    return writer === undefined ? 0 : await writer.stop();
  };

  return {
    state: async () => labState(site, world.connections.all.length),
    addVm: async (wanted) => {
      const vm = await addVm(site, world.places, wanted);
      await site.settle();
      return vmState(vm);
    },
    addDisk: async ({ vm, disk }) => {
      const key = await addScenarioDisk(site, vmAt(vm), disk);
      await site.settle();
      return { key };
    },
    removeVm: async ({ vm }) => {
      await destroyVm(site, vmAt(vm));
      await site.settle();
    },
    removeDisk: async (at) => {
      const { vm, disk } = diskAt(at);
      vm.disks = vm.disks.filter((other) => other !== disk);
      vm.touch();
      await site.settle();
    },
    writeGuest: async (write) => {
      const { vm, disk } = diskAt(write);
      await vm.guestWrite(disk, write.offset, bytesOf(write));
    },
    trim: async (at) => {
      const { vm, disk } = diskAt(at);
      await vm.guestTrim(disk, at.offset, at.length);
    },
    readGuest: async (at) => {
      const { vm, disk } = diskAt(at);
      const bytes = await vm.diskWork.run(async () => await disk.leaf.read(at.offset, at.length));
      return { base64: bytes.toString('base64') };
    },
    copyDisk: async (at) => {
      const { vm, disk } = diskAt(at);
      await vm.diskWork.run(async () => {
        await disk.leaf.copyTo(at.to);
      });
    },
    resizeDisk: async (at) => {
      const { vm, disk } = diskAt(at);
      if (disk.leaf.parent !== undefined) throw new Error('a disk with snapshots cannot grow');
      await vm.resizeDisk(disk, at.sizeBytes, site.newTracker());
      await site.settle();
    },
    startGuestWriter: async ({ vm, ...options }) => {
      await stopWriter(vmAt(vm).ref.value);
      writers.set(vmAt(vm).ref.value, new GuestWriter(vmAt(vm), options));
    },
    stopGuestWriter: async ({ vm }) => ({ writtenBytes: await stopWriter(vmAt(vm).ref.value) }),
    power: async ({ vm, on }) => {
      if (on) await powerOn(site, vmAt(vm));
      else await powerOff(vmAt(vm));
      await site.settle();
    },
    setVm: async ({ vm, ...quirks }) => {
      Object.assign(vmAt(vm).quirks, quirks);
      site.inventory.changed();
    },
    setDatastore: async ({ name, ...quirks }) => {
      const datastore = site.datastores.get(name);
      if (datastore === undefined) throw new Error(`the lab has no datastore ${name}`);
      Object.assign(datastore.quirks, quirks);
      site.inventory.changed();
    },
    setCustomValue: async ({ vm, name, value }) => {
      const known = [...site.customFields].find(([, field]) => field.name === name)?.[0];
      const key = known ?? 101 + site.customFields.size;
      site.customFields.set(key, { name, moType: 'VirtualMachine' });
      vmAt(vm).customValues.set(key, value);
      site.inventory.changed();
    },
    removeCustomField: async ({ name }) => {
      for (const [key, field] of site.customFields)
        if (field.name === name) site.customFields.delete(key);
      site.inventory.changed();
    },
    moveToHost: async ({ vm, host }) => {
      const target = world.places.hosts.find(
        (each) => each.value === host || site.inventory.get(each).read['name']?.() === host,
      );
      if (target === undefined) throw new Error(`the lab has no host ${host}`);
      vmAt(vm).host = target;
      site.inventory.changed();
    },
    setCapture: async ({ on }) => {
      parts.setCapture(on);
    },
    diskPath: async (at) => ({ path: site.files.rawOf(diskAt(at).disk.leaf) }),
    addFaults: async (rules) => {
      faults.add(rules);
    },
    unusedFaults: async () => faults.unused(),
    clearFaults: async () => {
      faults.clear();
    },
    setPrivileges: async (denied) => {
      world.privileges.set(denied);
      site.inventory.changed();
    },
    expireConnections: async () => {
      for (const connection of world.connections.all) world.connections.end(connection);
    },
    addForeignSnapshot: async ({ vm, name, description = '' }) => {
      const made = await createSnapshot(site, vmAt(vm), { name, description, quiesce: false });
      await site.settle();
      return { moref: made.value, name, description };
    },
    removeSnapshot: async ({ vm, moref }) => {
      const snapshots = vmAt(vm)
        .allSnapshots()
        .filter((each) => each.ref.value === moref);
      if (snapshots.length === 0) throw new Error(`${vm} has no snapshot ${moref}`);
      await removeSnapshots(site, vmAt(vm), {
        snapshots,
        consolidate: true,
        progress: () => undefined,
      });
      await site.settle();
    },
    detachAll: async () => {
      const { appliance } = site;
      if (appliance !== undefined) appliance.disks = appliance.disks.filter((disk) => disk.owned);
      await site.settle();
    },
    setDeviceAppearance: async ({ mode }) => {
      devices.appearance = mode;
    },
    counters: async () => Object.fromEntries(counters),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(Array.from(writers.keys(), stopWriter));
    },
  };
}

function bytesOf(write: GuestBytes): Buffer {
  return 'base64' in write
    ? Buffer.from(write.base64, 'base64')
    : new Random(write.seed).bytes(write.length);
}
