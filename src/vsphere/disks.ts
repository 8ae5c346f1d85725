import type { ControllerKind, DiskBackingKind, DiskMode, VmDisk } from '#core/vm.ts';
import { isA, types } from './schema/table.ts';
import {
  at,
  booleanAt,
  listAt,
  morefAt,
  numberAt,
  textAt,
  typeOf,
  type VimValue,
} from './value.ts';

/** The virtual disks among a VM's (or a snapshot's) devices, in the order of the configuration. */
export function disksOf(config: VimValue | undefined): readonly VmDisk[] {
  const devices = listAt(config, 'hardware.device');
  const byKey = new Map(devices.map((device) => [numberAt(device, 'key'), device]));
  return devices
    .filter((device) => typeOf(device) === 'VirtualDisk')
    .map((disk) => describeDisk(disk, byKey.get(numberAt(disk, 'controllerKey'))));
}

function describeDisk(disk: VimValue, controller: VimValue | undefined): VmDisk {
  const backing = at(disk, 'backing');
  const changeId = textAt(backing, 'changeId');
  const key = numberAt(disk, 'key') ?? 0;
  return {
    key,
    label: textAt(disk, 'deviceInfo.label') ?? `Disk ${key}`,
    capacityBytes: capacityOf(disk),
    uuid: textAt(backing, 'uuid') ?? '',
    backing: {
      kind: backingKind(backing),
      fileName: textAt(backing, 'fileName') ?? '',
      datastoreMoref: morefAt(backing, 'datastore')?.value ?? '',
      mode: (textAt(backing, 'diskMode') ?? 'persistent') as DiskMode,
      ...provisioning(backing),
      sharing: !['sharingNone', undefined].includes(textAt(backing, 'sharing')),
      parents: parentFiles(backing),
    },
    controller: {
      kind: controllerKind(typeOf(controller)),
      key: numberAt(disk, 'controllerKey') ?? 0,
      bus: numberAt(controller, 'busNumber') ?? 0,
      unit: numberAt(disk, 'unitNumber') ?? 0,
      sharedBus: !['noSharing', undefined].includes(textAt(controller, 'sharedBus')),
    },
    ...(changeId === undefined || changeId === '' ? {} : { changeId }),
  };
}

/** Servers before API 5.5 send KiB only. */
function capacityOf(disk: VimValue): number {
  return numberAt(disk, 'capacityInBytes') ?? (numberAt(disk, 'capacityInKB') ?? 0) * 1024;
}

function backingKind(backing: VimValue | undefined): DiskBackingKind {
  switch (typeOf(backing)) {
    case 'VirtualDiskFlatVer1BackingInfo':
    case 'VirtualDiskFlatVer2BackingInfo':
      return 'flat';
    case 'VirtualDiskSeSparseBackingInfo':
      return 'sesparse';
    case 'VirtualDiskSparseVer1BackingInfo':
    case 'VirtualDiskSparseVer2BackingInfo':
      return 'sparse';
    case 'VirtualDiskRawDiskMappingVer1BackingInfo':
      return textAt(backing, 'compatibilityMode') === 'virtualMode'
        ? 'rdm-virtual'
        : 'rdm-physical';
    default:
      return 'other';
  }
}

/** Thin and eager describe the base file; deltas above it repeat or lack them. */
function provisioning(backing: VimValue | undefined): { thin: boolean; eagerlyScrub: boolean } {
  const base = backingChain(backing).at(-1);
  return {
    thin: booleanAt(base, 'thinProvisioned') ?? typeOf(base) === 'VirtualDiskSeSparseBackingInfo',
    eagerlyScrub: booleanAt(base, 'eagerlyScrub') ?? false,
  };
}

function parentFiles(backing: VimValue | undefined): readonly string[] {
  return backingChain(backing)
    .slice(1)
    .map((parent) => textAt(parent, 'fileName') ?? '');
}

function backingChain(backing: VimValue | undefined): readonly VimValue[] {
  const chain: VimValue[] = [];
  for (let link = backing; link !== undefined; link = at(link, 'parent')) chain.push(link);
  return chain;
}

const controllerKinds: readonly (readonly [string, ControllerKind])[] = [
  ['ParaVirtualSCSIController', 'pvscsi'],
  ['VirtualLsiLogicSASController', 'lsilogic-sas'],
  ['VirtualLsiLogicController', 'lsilogic'],
  ['VirtualBusLogicController', 'buslogic'],
  ['VirtualSATAController', 'sata'],
  ['VirtualNVMEController', 'nvme'],
  ['VirtualIDEController', 'ide'],
];

function controllerKind(type: string): ControllerKind {
  if (!types.has(type)) return 'other';
  return controllerKinds.find(([ancestor]) => isA(type, ancestor))?.[1] ?? 'other';
}
