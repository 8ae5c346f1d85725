import type { ChangeTracker } from '../disk/change-tracker.ts';
import { formatChangeId } from '../disk/change-tracker.ts';
import type { DiskFile } from '../disk/disk-file.ts';
import type { Ref } from '../soap/values.ts';

/** A device other than a disk, kept as the vim25 object that clients see. */
export interface Device {
  readonly $type: string;
  readonly key: number;
  readonly busNumber?: number;
  readonly controllerKey?: number;
  readonly unitNumber?: number;
  readonly deviceInfo?: { readonly label: string; readonly summary: string };
}

export type DiskMode = 'persistent' | 'independent_persistent' | 'independent_nonpersistent';
export type DiskBacking = 'flat' | 'sesparse' | 'rdm-virtual' | 'rdm-physical';

/** A disk of a VM: a slot on a controller and the head of its file chain. */
export interface VmDisk {
  readonly key: number;
  readonly controllerKey: number;
  readonly unitNumber: number;
  readonly label: string;
  readonly backing: DiskBacking;
  readonly sharing: string;
  readonly datastore: Ref;
  /** False for a file that was attached: it belongs to another VM. */
  readonly owned: boolean;
  mode: DiskMode;
  /** The file that a running VM writes to. */
  leaf: DiskFile;
  tracker: ChangeTracker | undefined;
  /** Where the guest writer may write; undefined = anywhere. */
  readonly writable: readonly number[] | undefined;
}

/** Independent disks and physical RDMs stay out of snapshots. */
export function inSnapshots(disk: VmDisk): boolean {
  return disk.mode === 'persistent' && disk.backing !== 'rdm-physical';
}

export function isController(device: Device): boolean {
  return device.busNumber !== undefined;
}

const scsiTypes = new Set([
  'ParaVirtualSCSIController',
  'VirtualLsiLogicController',
  'VirtualLsiLogicSASController',
  'VirtualBusLogicController',
]);

export function isScsi(device: Device): boolean {
  return scsiTypes.has(device.$type);
}

/** Device keys as vCenter hands them out: 2000 + 16 a bus on SCSI (64 from bus 0 unit 16 on), and so on. */
export function diskKey(controller: Device, unit: number): number {
  const bus = controller.busNumber ?? 0;
  if (isScsi(controller)) return unit < 16 ? 2000 + bus * 16 + unit : 2100 + bus * 64 + unit;
  if (controller.$type === 'VirtualAHCIController') return 16_000 + bus * 30 + unit;
  if (controller.$type === 'VirtualNVMEController') return 31_500 + bus * 15 + unit;
  return 3000 + bus * 2 + unit;
}

/** The largest unit number of a controller. */
export function lastUnit(controller: Device): number {
  if (controller.$type === 'ParaVirtualSCSIController') return 63;
  if (isScsi(controller)) return 15;
  if (controller.$type === 'VirtualAHCIController') return 29;
  return controller.$type === 'VirtualNVMEController' ? 14 : 1;
}

/** The disk as a vim25 VirtualDisk. */
export function diskDevice(disk: VmDisk): Device {
  const bytes = disk.leaf.sizeBytes;
  const device = {
    $type: 'VirtualDisk',
    key: disk.key,
    deviceInfo: {
      label: disk.label,
      summary: `${Math.floor(bytes / 1024).toLocaleString('en-US')} KB`,
    },
    backing: diskBacking(disk, disk.leaf, true),
    controllerKey: disk.controllerKey,
    unitNumber: disk.unitNumber,
    capacityInKB: Math.floor(bytes / 1024),
    capacityInBytes: bytes,
    shares: { shares: 1000, level: 'normal' },
    storageIOAllocation: { limit: -1, shares: { shares: 1000, level: 'normal' }, reservation: 0 },
    diskObjectId: `1-${disk.key}`,
    nativeUnmanagedLinkedClone: false,
  };
  return device;
}

function diskBacking(disk: VmDisk, file: DiskFile, head: boolean): object {
  const delta = file.parent !== undefined;
  const common = {
    fileName: file.fileName,
    datastore: disk.datastore,
    backingObjectId: '',
    diskMode: disk.mode,
    uuid: file.uuid,
    contentId: contentId(file),
    changeId: head && disk.tracker !== undefined ? formatChangeId(disk.tracker.current) : undefined,
    parent: file.parent === undefined ? undefined : diskBacking(disk, file.parent, false),
    sharing: disk.sharing,
  };
  if (disk.backing === 'sesparse')
    return {
      $type: 'VirtualDiskSeSparseBackingInfo',
      ...common,
      writeThrough: false,
      digestEnabled: false,
    };
  if (disk.backing !== 'flat')
    return {
      $type: 'VirtualDiskRawDiskMappingVer1BackingInfo',
      ...common,
      lunUuid: `0200000000${file.uuid.replaceAll('-', '').toLowerCase()}`,
      deviceName: `vml.0200000000${file.uuid.replaceAll('-', '').toLowerCase()}`,
      compatibilityMode: disk.backing === 'rdm-physical' ? 'physicalMode' : 'virtualMode',
    };
  return {
    $type: 'VirtualDiskFlatVer2BackingInfo',
    ...common,
    split: false,
    writeThrough: false,
    thinProvisioned: file.thin,
    eagerlyScrub: file.eagerlyScrub,
    deltaDiskFormat: delta ? 'redoLogFormat' : undefined,
    digestEnabled: false,
  };
}

/** Content id of the file: changes with its place in the chain, as in life. */
function contentId(file: DiskFile): string {
  const seed = `${file.uuid}/${file.fileName}`;
  let hash = 0;
  for (const char of seed) hash = (Math.imul(hash, 31) + char.codePointAt(0)!) >>> 0;
  return hash.toString(16).padStart(8, '0').repeat(4);
}

/** The devices that every VM has and no client may add. */
export function defaultDevices(): Device[] {
  const info = (label: string): { label: string; summary: string } => ({ label, summary: label });
  return [
    controller('VirtualIDEController', 200, 0, 'IDE 0'),
    controller('VirtualIDEController', 201, 1, 'IDE 1'),
    controller('VirtualPS2Controller', 300, 0, 'PS2 controller 0'),
    controller('VirtualPCIController', 100, 0, 'PCI controller 0'),
    controller('VirtualSIOController', 400, 0, 'SIO controller 0'),
    {
      $type: 'VirtualKeyboard',
      key: 600,
      deviceInfo: info('Keyboard'),
      controllerKey: 300,
      unitNumber: 0,
    },
    {
      $type: 'VirtualPointingDevice',
      key: 700,
      deviceInfo: info('Pointing device'),
      controllerKey: 300,
      unitNumber: 1,
    },
    {
      $type: 'VirtualMachineVideoCard',
      key: 500,
      deviceInfo: info('Video card'),
      controllerKey: 100,
      unitNumber: 0,
    },
    {
      $type: 'VirtualMachineVMCIDevice',
      key: 12_000,
      deviceInfo: info('VMCI device'),
      controllerKey: 100,
      unitNumber: 17,
    },
  ];
}

function controller(type: string, key: number, busNumber: number, label: string): Device {
  return { $type: type, key, busNumber, deviceInfo: { label, summary: label } };
}

export function scsiController(type: string, bus: number, extra: object = {}): Device {
  const label = `SCSI controller ${bus}`;
  const made = {
    ...controller(type, 1000 + bus, bus, label),
    controllerKey: 100,
    unitNumber: 3 + bus,
    hotAddRemove: true,
    sharedBus: 'noSharing',
    scsiCtlrUnitNumber: 7,
    ...extra,
  };
  return made;
}

export function networkCard(key: number, network: { name: string; ref: Ref }, mac: string): Device {
  const card = {
    $type: 'VirtualVmxnet3',
    key,
    deviceInfo: { label: `Network adapter ${key - 3999}`, summary: network.name },
    backing: {
      $type: 'VirtualEthernetCardNetworkBackingInfo',
      deviceName: network.name,
      useAutoDetect: false,
      network: network.ref,
    },
    connectable: { startConnected: true, allowGuestControl: true, connected: true, status: 'ok' },
    controllerKey: 100,
    unitNumber: 7 + (key - 4000),
    addressType: 'assigned',
    macAddress: mac,
    wakeOnLanEnabled: true,
  };
  return card;
}
