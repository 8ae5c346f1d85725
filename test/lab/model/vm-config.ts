import type { Inventory } from './inventory.ts';
import type { Vm } from './vm.ts';
import { diskDevice } from './devices.ts';
import type { Ref } from '../soap/values.ts';

/** Everything about VMs that vim25 shows under `config`. */
export function configInfo(vm: Vm): object {
  const flags = {
    disableAcceleration: false,
    enableLogging: true,
    useToe: false,
    runWithDebugInfo: false,
    monitorType: 'release',
    htSharing: 'any',
    snapshotDisabled: false,
    snapshotLocked: false,
    diskUuidEnabled: vm.extraConfig.get('disk.EnableUUID')?.toLowerCase() === 'true',
    virtualMmuUsage: 'automatic',
    virtualExecUsage: 'hvAuto',
    snapshotPowerOffBehavior: 'powerOff',
    recordReplayEnabled: false,
    faultToleranceType: 'unset',
  };
  const allocation = { reservation: 0, expandableReservation: false, limit: -1 };
  return {
    $type: 'VirtualMachineConfigInfo',
    changeVersion: `${vm.modifiedAt}.${vm.changeVersion}`,
    modified: vm.modifiedAt,
    name: vm.name,
    guestFullName: guestFullName(vm.hardware.guestId),
    version: vm.hardware.version,
    uuid: vm.uuid,
    createDate: vm.createdAt,
    instanceUuid: vm.instanceUuid,
    npivTemporaryDisabled: true,
    template: vm.template,
    guestId: vm.hardware.guestId,
    alternateGuestName: '',
    annotation: vm.hardware.annotation,
    files: {
      vmPathName: vm.vmxPath,
      snapshotDirectory: `[${vm.datastoreName}] ${vm.folderName}/`,
      suspendDirectory: `[${vm.datastoreName}] ${vm.folderName}/`,
      logDirectory: `[${vm.datastoreName}] ${vm.folderName}/`,
    },
    tools: { toolsVersion: 12_352, toolsUpgradePolicy: 'manual', syncTimeWithHost: false },
    flags,
    defaultPowerOps: {
      powerOffType: 'soft',
      suspendType: 'hard',
      resetType: 'soft',
      defaultPowerOffType: 'soft',
      defaultSuspendType: 'hard',
      defaultResetType: 'soft',
      standbyAction: 'checkpoint',
    },
    hardware: {
      numCPU: vm.hardware.numCPUs,
      numCoresPerSocket: vm.hardware.numCoresPerSocket,
      memoryMB: vm.hardware.memoryMB,
      virtualICH7MPresent: false,
      virtualSMCPresent: false,
      device: [...allDevices(vm), ...(vm.quirks.tpm === true ? [virtualTpm] : [])],
    },
    cpuAllocation: {
      ...allocation,
      shares: { shares: 1000 * vm.hardware.numCPUs, level: 'normal' },
    },
    memoryAllocation: {
      ...allocation,
      shares: { shares: 10 * vm.hardware.memoryMB, level: 'normal' },
    },
    memoryHotAddEnabled: false,
    cpuHotAddEnabled: false,
    cpuHotRemoveEnabled: false,
    extraConfig: [...vm.extraConfig].map(([key, value]) => ({ $type: 'OptionValue', key, value })),
    swapPlacement: 'inherit',
    bootOptions: {
      bootDelay: 0,
      enterBIOSSetup: false,
      bootRetryEnabled: false,
      bootRetryDelay: 10_000,
    },
    vAssertsEnabled: false,
    changeTrackingEnabled: vm.changeTrackingEnabled,
    firmware: vm.hardware.firmware,
    maxMksConnections: 40,
    guestAutoLockEnabled: true,
    memoryReservationLockedToMax: false,
    nestedHVEnabled: false,
    vPMCEnabled: false,
    messageBusTunnelEnabled: false,
    migrateEncryption: 'opportunistic',
    keyId:
      vm.quirks.encrypted === true
        ? { keyId: 'lab-key-1', providerId: { id: 'lab-kms' } }
        : undefined,
    ...Object.fromEntries(vm.carried),
  };
}

function allDevices(vm: Vm): object[] {
  const disks = vm.disks.map(diskDevice);
  const others = vm.devices.map((device) => {
    if (device.busNumber === undefined) return device;
    const on = [...vm.devices, ...disks].filter((child) => child.controllerKey === device.key);
    return on.length === 0 ? device : { ...device, device: on.map((child) => child.key) };
  });
  return [...others, ...disks].sort((a, b) => a.key - b.key);
}

export function guestFullName(guestId: string): string {
  const names: Readonly<Record<string, string>> = {
    debian12_64Guest: 'Debian GNU/Linux 12 (64-bit)',
    debian11_64Guest: 'Debian GNU/Linux 11 (64-bit)',
    windows2019srv_64Guest: 'Microsoft Windows Server 2019 (64-bit)',
    otherLinux64Guest: 'Other Linux (64-bit)',
  };
  return names[guestId] ?? guestId;
}

/** References of the datastores and networks that the VM touches. */
export function placesOf(vm: Vm, inventory: Inventory): { datastores: Ref[]; networks: Ref[] } {
  const datastores = new Map(vm.disks.map((disk) => [disk.datastore.value, disk.datastore]));
  for (const object of inventory.ofType('Datastore'))
    if (object.read['name']?.() === vm.datastoreName) datastores.set(object.ref.value, object.ref);
  const networks = new Map<string, Ref>();
  for (const device of vm.devices) {
    const backing = (device as { backing?: { network?: Ref } }).backing;
    if (backing?.network !== undefined) networks.set(backing.network.value, backing.network);
  }
  return { datastores: [...datastores.values()], networks: [...networks.values()] };
}

const virtualTpm = {
  $type: 'VirtualTPM',
  key: 11_000,
  deviceInfo: { $type: 'Description', label: 'Virtual TPM', summary: 'Trusted Platform Module' },
};
