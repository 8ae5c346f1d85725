import { fileFault, VimFault } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';
import { isA } from '../schema/table.ts';
import type { Device, DiskBacking, DiskMode, VmDisk } from './devices.ts';
import { isController, isScsi, lastUnit, scsiController } from './devices.ts';
import { makeMac } from './identifiers.ts';
import { demandLock } from './locks.ts';
import type { DiskSlot } from './make-disk.ts';
import { createDisk, plugDisk } from './make-disk.ts';
import type { Site } from './site.ts';
import type { Vm } from './vm.ts';

export interface DeviceChange {
  readonly operation?: 'add' | 'remove' | 'edit';
  readonly fileOperation?: 'create' | 'destroy' | 'replace';
  readonly device: SpecDevice;
}

/** A device as a client sends it. */
export interface SpecDevice extends Device {
  readonly backing?: {
    readonly $type: string;
    readonly fileName?: string;
    readonly datastore?: Ref;
    readonly diskMode?: string;
    readonly thinProvisioned?: boolean;
    readonly eagerlyScrub?: boolean;
    readonly uuid?: string;
    readonly sharing?: string;
    readonly compatibilityMode?: string;
    readonly parent?: object;
  };
  readonly capacityInKB?: number;
  readonly capacityInBytes?: number;
  readonly addressType?: string;
  readonly macAddress?: string;
}

/** Devices whose addition vCenter refuses because every VM has them. */
const builtIn = new Set(
  `VirtualIDEController VirtualPS2Controller VirtualPCIController VirtualSIOController VirtualKeyboard
  VirtualPointingDevice VirtualMachineVMCIDevice VirtualMachineVideoCard`.split(/\s+/),
);

/** Applies all changes or throws naming the index of the first bad one. Temporary negative keys are mapped. */
export async function applyDeviceChanges(
  site: Site,
  vm: Vm,
  changes: readonly DeviceChange[],
): Promise<void> {
  const before = { devices: [...vm.devices], disks: [...vm.disks] };
  const context: ChangeContext = { site, vm, newKeys: new Map(), atEnd: [] };
  try {
    for (const [index, change] of changes.entries()) await applyOne(context, change, index);
  } catch (thrown) {
    const made = vm.disks.filter((disk) => disk.owned && !before.disks.includes(disk));
    vm.devices = before.devices;
    vm.disks = before.disks;
    for (const disk of made) await site.files.delete(disk.leaf);
    throw thrown;
  }
  for (const work of context.atEnd) await work();
}

interface ChangeContext {
  readonly site: Site;
  readonly vm: Vm;
  /** Client's temporary key to the key that the device got. */
  readonly newKeys: Map<number, number>;
  /** What cannot be taken back, done once every change has been found good. */
  readonly atEnd: (() => Promise<void>)[];
}

async function applyOne(
  context: ChangeContext,
  change: DeviceChange,
  index: number,
): Promise<void> {
  const { device, operation } = change;
  const isDisk = device.$type === 'VirtualDisk';
  if (operation === 'add' && isDisk) await addDisk(context, change, index);
  else if (operation === 'add') addDevice(context, device, index);
  else if (operation === 'remove') removeDevice(context, change, index);
  else if (operation === 'edit' && isDisk) editDisk(context, device, index);
  else if (operation === 'edit') editDevice(context, device, index);
  else throw badSpec(index, 'operation is missing');
}

function badSpec(index: number, why: string, type = 'InvalidDeviceSpec'): VimFault {
  const message = `Invalid configuration for device '${index}': ${why}.`;
  return new VimFault(type, message, { property: `deviceChange[${index}]`, deviceIndex: index });
}

function slotFor(context: ChangeContext, device: SpecDevice, index: number): DiskSlot {
  const { vm, newKeys } = context;
  const asked = device.controllerKey;
  const controller = asked === undefined ? undefined : vm.controller(newKeys.get(asked) ?? asked);
  if (controller === undefined)
    throw new VimFault(
      'InvalidController',
      `Device '${index}' names controller ${asked}, which does not exist.`,
      {
        property: `deviceChange[${index}]`,
        deviceIndex: index,
        controllerKey: asked ?? 0,
      },
    );
  const unit = device.unitNumber;
  if (unit === undefined || unit < 0 || unit > lastUnit(controller))
    throw badSpec(index, `unit number ${unit} is not on the controller`);
  if (isScsi(controller) && unit === 7) throw badSpec(index, 'unit 7 is the controller itself');
  const taken = [...vm.disks, ...vm.devices].some(
    (other) => other.controllerKey === controller.key && other.unitNumber === unit,
  );
  if (taken) throw badSpec(index, `unit number ${unit} is in use`);
  return { controller, unit };
}

async function addDisk(context: ChangeContext, change: DeviceChange, index: number): Promise<void> {
  const { site, vm, newKeys } = context;
  const { device } = change;
  const { backing } = device;
  if (backing === undefined)
    throw badSpec(index, 'the disk has no backing', 'InvalidDeviceBacking');
  const slot = slotFor(context, device, index);
  const mode = diskMode(backing.diskMode, index);
  if (change.fileOperation === undefined) {
    const disk = attachExisting(context, { fileName: backing.fileName ?? '', slot, mode });
    newKeys.set(device.key, disk.key);
    return;
  }
  if (change.fileOperation !== 'create')
    throw badSpec(index, `fileOperation ${change.fileOperation} does not go with add`);
  if (backing.parent !== undefined)
    throw badSpec(index, 'a new disk cannot have a parent', 'InvalidDeviceBacking');
  const sizeBytes = device.capacityInBytes ?? (device.capacityInKB ?? 0) * 1024;
  if (sizeBytes <= 0 || sizeBytes % 512 !== 0) throw badSpec(index, 'the capacity is not valid');
  const fileName = newFileName(site, backing.fileName, index);
  const disk = await createDisk(site, vm, {
    slot,
    sizeBytes,
    mode,
    thin: backing.thinProvisioned ?? false,
    eagerlyScrub: backing.eagerlyScrub ?? false,
    backing: diskBackingKind(backing.$type, backing.compatibilityMode),
    ...(backing.sharing === undefined ? {} : { sharing: backing.sharing }),
    ...(backing.uuid === undefined ? {} : { uuid: backing.uuid }),
    ...(fileName === undefined
      ? { datastoreName: folderOnly(site, backing.fileName) }
      : { fileName }),
  });
  newKeys.set(device.key, disk.key);
}

/** HotAdd's step: plugs a file that exists, if nobody's lock is in the way. */
function attachExisting(
  { site, vm }: ChangeContext,
  plug: { fileName: string; slot: DiskSlot; mode: DiskMode },
): VmDisk {
  const file = site.files.find(plug.fileName);
  if (file === undefined)
    throw fileFault('FileNotFound', `File ${plug.fileName} was not found`, plug.fileName);
  const wanted = plug.mode === 'independent_nonpersistent' ? 'read' : 'write';
  demandLock(site, file, { holder: vm, mode: wanted });
  if (vm.disks.some((disk) => disk.leaf === file))
    throw fileFault(
      'FileLocked',
      `File ${plug.fileName} is attached to this virtual machine already`,
      plug.fileName,
    );
  // The lab shows a chain to the guest as one raw file, which only exists for frozen or single files.
  if (site.files.rawOf(file) === undefined || (wanted === 'write' && file.parent !== undefined))
    throw fileFault(
      'CannotAccessFile',
      `The lab cannot attach the open end of a chain: ${plug.fileName}`,
      plug.fileName,
    );
  return plugDisk(site, vm, { ...plug, file, owned: false });
}

function newFileName(site: Site, asked: string | undefined, index: number): string | undefined {
  if (asked === undefined || !asked.endsWith('.vmdk')) return undefined;
  if (site.files.has(asked)) throw fileFault('FileAlreadyExists', `File ${asked} exists`, asked);
  if (!/^\[[^\]]+\] .+\.vmdk$/.test(asked) || asked.includes('..'))
    throw badSpec(index, `${asked} is not a datastore path`, 'InvalidDeviceBacking');
  return asked;
}

/** "[datastore]": the server chooses folder and name there. */
function folderOnly(site: Site, asked = ''): string | undefined {
  const name = /^\[([^\]]+)\]\s*$/.exec(asked)?.[1];
  if (name !== undefined && !site.datastores.has(name))
    throw new VimFault('InvalidDatastorePath', `Datastore ${name} does not exist`, {
      datastorePath: asked,
    });
  return name;
}

function diskMode(mode: string | undefined, index: number): DiskMode {
  if (
    mode === 'persistent' ||
    mode === 'independent_persistent' ||
    mode === 'independent_nonpersistent'
  )
    return mode;
  throw badSpec(index, `disk mode ${mode} is not supported`);
}

function diskBackingKind(type: string, compatibility: string | undefined): DiskBacking {
  if (type === 'VirtualDiskSeSparseBackingInfo') return 'sesparse';
  if (type !== 'VirtualDiskRawDiskMappingVer1BackingInfo') return 'flat';
  return compatibility === 'physicalMode' ? 'rdm-physical' : 'rdm-virtual';
}

function addDevice(context: ChangeContext, device: SpecDevice, index: number): void {
  const { site, vm, newKeys } = context;
  if (builtIn.has(device.$type)) throw badSpec(index, `${device.$type} is there already`);
  let made: Device;
  if (isScsi(device)) {
    const bus = device.busNumber ?? 0;
    if (bus < 0 || bus > 3) throw badSpec(index, `SCSI bus ${bus} does not exist`);
    if (vm.devices.some((other) => isScsi(other) && other.busNumber === bus))
      throw badSpec(index, `SCSI bus ${bus} is in use`);
    made = scsiController(device.$type, bus, {
      sharedBus: (device as { sharedBus?: string }).sharedBus ?? 'noSharing',
    });
  } else if (isA(device.$type, 'VirtualController')) {
    const first =
      { VirtualAHCIController: 15_000, VirtualNVMEController: 31_000 }[device.$type] ?? 7000;
    made = { ...device, key: first + (device.busNumber ?? 0), controllerKey: 100 };
  } else if (isA(device.$type, 'VirtualEthernetCard')) {
    const key = freeKey(vm, 4000);
    const macAddress = device.macAddress ?? makeMac(site.random);
    const extra = {
      macAddress,
      addressType: device.addressType ?? 'assigned',
      controllerKey: 100,
      unitNumber: 7 + key - 4000,
    };
    made = {
      ...device,
      ...extra,
      key,
      deviceInfo: { label: `Network adapter ${key - 3999}`, summary: 'VM Network' },
    };
  } else {
    const mapped =
      device.controllerKey === undefined
        ? undefined
        : (newKeys.get(device.controllerKey) ?? device.controllerKey);
    made = {
      ...device,
      key: freeKey(vm, 3000),
      ...(mapped === undefined ? {} : { controllerKey: mapped }),
    };
  }
  vm.devices = [...vm.devices, made];
  newKeys.set(device.key, made.key);
}

function freeKey(vm: Vm, from: number): number {
  let key = from;
  while (vm.devices.some((device) => device.key === key) || vm.disk(key) !== undefined) key++;
  return key;
}

function removeDevice(context: ChangeContext, change: DeviceChange, index: number): void {
  const { site, vm, atEnd } = context;
  const { key } = change.device;
  const disk = vm.disk(key);
  if (disk !== undefined) {
    vm.disks = vm.disks.filter((other) => other !== disk);
    if (change.fileOperation === 'destroy') {
      if (!disk.owned)
        site.violations.push(`${disk.leaf.fileName} of another VM was told to be destroyed`);
      demandLock(site, disk.leaf, { holder: vm, mode: 'write' });
      atEnd.push(async () => {
        await site.files.delete(disk.leaf);
      });
    }
    return;
  }
  const device = vm.devices.find((other) => other.key === key);
  if (device === undefined) throw badSpec(index, `device ${key} does not exist`);
  if (
    isController(device) &&
    [...vm.disks, ...vm.devices].some((other) => other.controllerKey === key)
  )
    throw badSpec(index, 'the controller has devices');
  vm.devices = vm.devices.filter((other) => other !== device);
}

function editDisk({ site, vm, atEnd }: ChangeContext, device: SpecDevice, index: number): void {
  const disk = vm.disk(device.key);
  if (disk === undefined) throw badSpec(index, `device ${device.key} does not exist`);
  const sizeBytes = device.capacityInBytes ?? (device.capacityInKB ?? 0) * 1024;
  if (sizeBytes < disk.leaf.sizeBytes) throw badSpec(index, 'a disk cannot shrink');
  if (sizeBytes > disk.leaf.sizeBytes) {
    if (disk.leaf.parent !== undefined) throw badSpec(index, 'a disk with snapshots cannot grow');
    atEnd.push(async () => {
      await vm.resizeDisk(disk, sizeBytes, site.newTracker());
    });
  }
  const mode = diskMode(device.backing?.diskMode ?? disk.mode, index);
  if (mode !== disk.mode && disk.leaf.parent !== undefined)
    throw badSpec(index, 'the disk has snapshots');
  atEnd.push(async () => {
    disk.mode = mode;
  });
}

function editDevice({ vm }: ChangeContext, device: SpecDevice, index: number): void {
  const at = vm.devices.findIndex((other) => other.key === device.key);
  if (at < 0) throw badSpec(index, `device ${device.key} does not exist`);
  vm.devices = vm.devices.with(at, { ...vm.devices[at]!, ...device });
}
