import type { NewVmDisk, Provisioning } from '#core/places.ts';
import { conform } from './conform.ts';
import { isA, types } from './schema/table.ts';
import {
  at,
  booleanAt,
  listAt,
  numberAt,
  textAt,
  typeOf,
  type VimObject,
  type VimValue,
} from './value.ts';

export interface DeviceSpecOptions {
  readonly apiVersion: string;
  readonly keepIdentity: boolean;
  readonly keepMacAddresses?: boolean;
  readonly connectNetworks?: boolean;
  /** Disks to create, by their key in the saved configuration. */
  readonly disks: readonly NewVmDisk[];
  /** The backing of a network card in its new place. */
  readonly networkBacking: (saved: VimValue | undefined) => VimObject;
}

export interface DeviceSpecs {
  readonly deviceChange: readonly VimObject[];
  /** Labels of what cannot be brought back, with the reason. */
  readonly left: readonly { readonly label: string; readonly reason: string }[];
}

/** The server adds these by itself, under keys that never change; adding them fails. */
const automatic = new Set([
  'VirtualIDEController',
  'VirtualPS2Controller',
  'VirtualPCIController',
  'VirtualSIOController',
  'VirtualKeyboard',
  'VirtualPointingDevice',
  'VirtualMachineVMCIDevice',
  'VirtualMachineVideoCard',
]);

const leftOut: Readonly<Record<string, string>> = {
  VirtualPCIPassthrough: 'it belongs to the host',
  VirtualSCSIPassthrough: 'it belongs to the host',
  VirtualUSB: 'it belongs to the host or a client',
  VirtualSerialPort: 'what it was connected to is not known here',
  VirtualParallelPort: 'what it was connected to is not known here',
  VirtualNVDIMM: 'its contents are not part of a backup',
  VirtualSriovEthernetCard: 'it belongs to the host',
  VirtualTPM: 'its secrets are encrypted with a key of the original VM',
};

/** Device changes that make a new VM like the saved one, with negative temporary keys. */
export function deviceSpecs(config: VimValue, options: DeviceSpecOptions): DeviceSpecs {
  const devices = listAt(config, 'hardware.device');
  const wanted = devices.filter((device) => isWanted(device, options));
  const keys = new Map<number, number>();
  for (const [index, device] of wanted.entries())
    keys.set(numberAt(device, 'key') ?? 0, -1 - index);
  const left = devices.flatMap((device) => {
    const reason = reasonToLeave(device);
    if (reason === undefined) return [];
    return [{ label: textAt(device, 'deviceInfo.label') ?? typeOf(device), reason }];
  });
  const deviceChange = wanted.map((device) => addition(device, keys, options));
  return { deviceChange, left };
}

function isWanted(device: VimValue, options: DeviceSpecOptions): boolean {
  const type = typeOf(device);
  if (automatic.has(type) || reasonToLeave(device) !== undefined) return false;
  return type !== 'VirtualDisk' || options.disks.some(({ key }) => key === numberAt(device, 'key'));
}

function reasonToLeave(device: VimValue): string | undefined {
  const type = typeOf(device);
  if (!types.has(type)) return 'its type is unknown to this version of coldframe';
  return leftOut[type];
}

function addition(
  device: VimValue,
  keys: ReadonlyMap<number, number>,
  options: DeviceSpecOptions,
): VimObject {
  const { deviceInfo: _i, device: _d, slotInfo, ...saved } = device as VimObject;
  const controllerKey = numberAt(saved, 'controllerKey');
  const common: Record<string, VimValue | undefined> = {
    ...saved,
    key: keys.get(numberAt(saved, 'key') ?? 0),
    controllerKey:
      controllerKey === undefined ? undefined : (keys.get(controllerKey) ?? controllerKey),
    // The PCI slot keeps the guest's names of network cards.
    ...(options.keepIdentity ? { slotInfo } : {}),
  };
  const type = typeOf(device);
  const send = (changed: VimObject, fileOperation?: string): VimObject => ({
    operation: 'add',
    ...(fileOperation === undefined ? {} : { fileOperation }),
    device: { $type: type, ...conform(changed, type, options.apiVersion) },
  });
  if (type === 'VirtualDisk')
    return send(newDisk(common, numberAt(saved, 'key') ?? 0, options), 'create');
  if (isA(type, 'VirtualController')) return send({ ...common, unitNumber: undefined });
  if (isA(type, 'VirtualEthernetCard')) return send(networkCard(common, options));
  if (type === 'VirtualCdrom' || type === 'VirtualFloppy') return send(emptyDrive(type, common));
  return send(common);
}

/** Empty, thin or thick as its base was; the chain below belongs to the old VM. */
function newDisk(
  saved: VimObject,
  key: number,
  { disks, keepIdentity }: DeviceSpecOptions,
): VimObject {
  const {
    capacityBytes = 0,
    datastoreName,
    provisioning,
  } = disks.find((disk) => disk.key === key) ?? {};
  const backing = at(saved, 'backing');
  const uuid = keepIdentity ? textAt(backing, 'uuid') : undefined;
  return {
    ...saved,
    capacityInKB: Math.ceil(capacityBytes / 1024),
    capacityInBytes: capacityBytes,
    diskObjectId: undefined,
    iofilter: undefined,
    vDiskId: undefined,
    vDiskVersion: undefined,
    nativeUnmanagedLinkedClone: undefined,
    backing: {
      $type: 'VirtualDiskFlatVer2BackingInfo',
      fileName: datastoreName === undefined ? '' : `[${datastoreName}]`,
      diskMode: textAt(backing, 'diskMode') ?? 'persistent',
      ...provisioningOf(backing, provisioning),
      ...(uuid === undefined ? {} : { uuid }),
    },
  };
}

function networkCard(card: VimObject, options: DeviceSpecOptions): VimObject {
  const {
    keepIdentity,
    keepMacAddresses,
    connectNetworks = keepIdentity,
    networkBacking,
  } = options;
  const address =
    keepIdentity || keepMacAddresses === true
      ? {}
      : { macAddress: undefined, addressType: 'generated' };
  return {
    ...card,
    ...address,
    unitNumber: undefined, // the PCI slot decides
    externalId: undefined,
    backing: networkBacking(card['backing']),
    connectable: {
      startConnected: connectNetworks && (booleanAt(card, 'connectable.startConnected') ?? true),
      allowGuestControl: booleanAt(card, 'connectable.allowGuestControl') ?? true,
      connected: false,
    },
  };
}

function emptyDrive(type: string, drive: VimObject): VimObject {
  const backing =
    type === 'VirtualCdrom'
      ? { $type: 'VirtualCdromRemotePassthroughBackingInfo', deviceName: '', exclusive: false }
      : { $type: 'VirtualFloppyRemoteDeviceBackingInfo', deviceName: '' };
  return {
    ...drive,
    backing,
    connectable: { startConnected: false, allowGuestControl: true, connected: false },
  };
}

function provisioningOf(
  backing: VimValue | undefined,
  wanted: Provisioning | undefined,
): VimObject {
  if (wanted === 'thin') return { thinProvisioned: true };
  if (wanted !== undefined)
    return { thinProvisioned: false, eagerlyScrub: wanted === 'thick-eager' };
  let base = backing;
  for (let parent = at(base, 'parent'); parent !== undefined; parent = at(base, 'parent'))
    base = parent;
  const thin = booleanAt(base, 'thinProvisioned') ?? typeOf(base).includes('SeSparse');
  return {
    thinProvisioned: thin,
    ...(thin ? {} : { eagerlyScrub: booleanAt(base, 'eagerlyScrub') ?? false }),
  };
}
