import { conform } from './conform.ts';
import { at, listAt, numberAt, textAt, type VimObject, type VimValue } from './value.ts';

export interface ConfigSpecOptions {
  readonly name: string;
  readonly apiVersion: string;
  /** Keep uuid and instanceUuid: only for bringing the same VM back. */
  readonly keepIdentity: boolean;
}

/** Fields that ConfigInfo and ConfigSpec have in common and that make the VM what it is. */
const sameName = [
  'version',
  'guestId',
  'alternateGuestName',
  'annotation',
  'tools',
  'flags',
  'consolePreferences',
  'rebootPowerOff',
  'vcpuConfig',
  'memoryHotAddEnabled',
  'cpuHotAddEnabled',
  'cpuHotRemoveEnabled',
  'cpuAllocation',
  'memoryAllocation',
  'latencySensitivity',
  'networkShaper',
  'swapPlacement',
  'bootOptions',
  'vAssertsEnabled',
  'firmware',
  'maxMksConnections',
  'guestAutoLockEnabled',
  'managedBy',
  'memoryReservationLockedToMax',
  'nestedHVEnabled',
  'vPMCEnabled',
  'messageBusTunnelEnabled',
  'migrateEncryption',
  'sgxInfo',
  'ftEncryptionMode',
  'guestMonitoringModeInfo',
  'sevEnabled',
  'pmemFailoverEnabled',
  'vmxStatsCollectionEnabled',
  'vmOpNotificationToAppEnabled',
  'vmOpNotificationTimeout',
  'fixedPassthruHotPlugEnabled',
];

/** Written by the server, or positions of this VM's past that must not come back. */
const serverOwned =
  /^(nvram|svga\.present|vmotion\.|migrate\.|checkpoint\.|ctkEnabled$|.*\.ctkEnabled$|sched\.swap\.derivedName$|uuid\.|vc\.uuid$|monitor\.phys_bits_used$|softPowerOff$|toolsInstallManager\.|guestinfo\.vmtools\.|guestInfo\.detailed\.data$|coldframe\.)/i;

/** Everything of a ConfigSpec but devices and files, from a saved VirtualMachineConfigInfo. */
export function configSpec(config: VimValue, options: ConfigSpecOptions): VimObject {
  const { name, apiVersion, keepIdentity } = options;
  const kept = [...sameName, ...(keepIdentity ? ['uuid', 'instanceUuid'] : [])];
  const spec: Record<string, VimValue | undefined> = { name };
  for (const field of kept) spec[field] = at(config, field);
  spec['bootOptions'] = withoutDeviceKeys(at(config, 'bootOptions'));
  spec['powerOpInfo'] = at(config, 'defaultPowerOps');
  spec['numCPUs'] = at(config, 'hardware.numCPU');
  spec['memoryMB'] = at(config, 'hardware.memoryMB');
  for (const field of [
    'numCoresPerSocket',
    'virtualICH7MPresent',
    'virtualSMCPresent',
    'motherboardLayout',
    'simultaneousThreads',
  ])
    spec[field] = at(config, `hardware.${field}`);
  spec['virtualNuma'] = numaSpec(at(config, 'numaInfo'));
  spec['cpuFeatureMask'] = listAt(config, 'cpuFeatureMask').map((info) => ({
    operation: 'add',
    info,
  }));
  spec['extraConfig'] = listAt(config, 'extraConfig').filter(
    (option) => !serverOwned.test(textAt(option, 'key') ?? ''),
  );
  return conform(spec, 'VirtualMachineConfigSpec', apiVersion);
}

function numaSpec(numa: VimValue | undefined): VimObject | undefined {
  if (numa === undefined) return undefined;
  const automatic = at(numa, 'autoCoresPerNumaNode') === true;
  return {
    coresPerNumaNode: automatic ? undefined : numberAt(numa, 'coresPerNumaNode'),
    exposeVnumaOnCpuHotadd: at(numa, 'vnumaOnCpuHotaddExposed'),
  };
}

/** The boot order names device keys that the new VM does not have yet. */
function withoutDeviceKeys(bootOptions: VimValue | undefined): VimValue | undefined {
  if (bootOptions === undefined) return undefined;
  const { bootOrder: _, ...rest } = bootOptions as VimObject;
  return rest;
}
