import { invalidArgument, VimFault } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';
import { applyDeviceChanges } from './device-changes.ts';
import type { DeviceChange } from './device-changes.ts';
import type { Site } from './site.ts';
import { configInfo } from './vm-config.ts';
import type { Vm } from './vm.ts';

/** The parts of VirtualMachineConfigSpec that the lab acts on; the others are carried into ConfigInfo. */
export interface ConfigSpec {
  readonly changeVersion?: string;
  readonly name?: string;
  readonly version?: string;
  readonly uuid?: string;
  readonly instanceUuid?: string;
  readonly guestId?: string;
  readonly annotation?: string;
  readonly files?: { readonly vmPathName?: string };
  readonly numCPUs?: number;
  readonly numCoresPerSocket?: number;
  readonly memoryMB?: number;
  readonly firmware?: string;
  readonly deviceChange?: readonly DeviceChange[];
  readonly extraConfig?: readonly { readonly key: string; readonly value: unknown }[];
  readonly changeTrackingEnabled?: boolean;
  readonly powerOpInfo?: object;
}

/** Fields with the same name and shape in ConfigSpec and ConfigInfo. */
const carriedFields =
  `alternateGuestName tools flags memoryHotAddEnabled cpuHotAddEnabled cpuHotRemoveEnabled
  cpuAllocation memoryAllocation latencySensitivity bootOptions swapPlacement nestedHVEnabled vPMCEnabled
  memoryReservationLockedToMax guestAutoLockEnabled maxMksConnections messageBusTunnelEnabled managedBy
  migrateEncryption cpuAffinity sgxInfo sevEnabled ftEncryptionMode`.split(/\s+/);

/** Checks what vCenter answers at once, before there is a vim task. */
export function checkSpec(vm: Vm, spec: ConfigSpec): void {
  const current = (configInfo(vm) as { changeVersion: string }).changeVersion;
  if (
    spec.changeVersion !== undefined &&
    spec.changeVersion !== '' &&
    spec.changeVersion !== current
  )
    throw new VimFault(
      'ConcurrentAccess',
      'The virtual machine was changed by somebody else meanwhile.',
    );
  if (spec.numCPUs !== undefined && spec.numCPUs < 1) throw invalidArgument('configSpec.numCPUs');
  if (spec.memoryMB !== undefined && (spec.memoryMB < 4 || spec.memoryMB % 4 !== 0))
    throw invalidArgument('configSpec.memoryMB');
}

export async function reconfigure(site: Site, vm: Vm, spec: ConfigSpec): Promise<void> {
  if (spec.name === '') throw new VimFault('InvalidName', 'The name is empty.', { name: '' });
  await applyDeviceChanges(site, vm, spec.deviceChange ?? []);
  applyFields(vm, spec);
  if (spec.changeTrackingEnabled !== undefined) {
    vm.changeTrackingEnabled = spec.changeTrackingEnabled;
    // A VM that is off has nothing to stun: switching off drops the tracking files at once.
    if (vm.power === 'poweredOff' && !spec.changeTrackingEnabled)
      await vm.settleTracking(() => site.newTracker());
  }
  vm.touch();
}

export function applyFields(vm: Vm, spec: ConfigSpec): void {
  vm.name = spec.name ?? vm.name;
  vm.uuid = spec.uuid?.toLowerCase() ?? vm.uuid;
  vm.instanceUuid = spec.instanceUuid?.toLowerCase() ?? vm.instanceUuid;
  const { hardware } = vm;
  hardware.version = spec.version ?? hardware.version;
  hardware.guestId = spec.guestId ?? hardware.guestId;
  hardware.annotation = spec.annotation ?? hardware.annotation;
  hardware.numCPUs = spec.numCPUs ?? hardware.numCPUs;
  hardware.numCoresPerSocket = spec.numCoresPerSocket ?? hardware.numCoresPerSocket;
  hardware.memoryMB = spec.memoryMB ?? hardware.memoryMB;
  hardware.firmware = spec.firmware ?? hardware.firmware;
  for (const { key, value } of spec.extraConfig ?? [])
    if (value === '') vm.extraConfig.delete(key);
    else vm.extraConfig.set(key, String(value));
  for (const field of carriedFields) {
    const value = (spec as Readonly<Record<string, unknown>>)[field];
    if (value !== undefined) vm.carried.set(field, merged(vm.carried.get(field), value));
  }
  if (spec.powerOpInfo !== undefined) vm.carried.set('defaultPowerOps', spec.powerOpInfo);
}

function merged(old: unknown, value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && typeof old === 'object' ? { ...old, ...value } : value;
}

export function vmOf(site: Site, which: Ref): Vm {
  const vm = site.vms.get(which.value);
  if (vm === undefined || which.type !== 'VirtualMachine')
    throw new VimFault(
      'ManagedObjectNotFound',
      `The object '${which.type}:${which.value}' has already been deleted or has not been completely created`,
      { obj: which },
    );
  return vm;
}
