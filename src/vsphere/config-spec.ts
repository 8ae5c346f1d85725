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
  'flags',
  'consolePreferences',
  'rebootPowerOff',
  'vcpuConfig',
  'memoryHotAddEnabled',
  'cpuHotAddEnabled',
  'cpuHotRemoveEnabled',
  'latencySensitivity',
  'networkShaper',
  'swapPlacement',
  'bootOptions',
  'vAssertsEnabled',
  'firmware',
  'maxMksConnections',
  'guestAutoLockEnabled',
  'memoryReservationLockedToMax',
  'nestedHVEnabled',
  'vPMCEnabled',
  'messageBusTunnelEnabled',
  'migrateEncryption',
  'ftEncryptionMode',
  'guestMonitoringModeInfo',
  'sevEnabled',
  'pmemFailoverEnabled',
  'vmxStatsCollectionEnabled',
  'vmOpNotificationToAppEnabled',
  'vmOpNotificationTimeout',
  'fixedPassthruHotPlugEnabled',
];

/** What says which VM this is, and whose. */
const identity = ['uuid', 'instanceUuid', 'managedBy'];

/** Written by the server, or positions of this VM's past that must not come back. */
const serverOwned =
  /^(nvram|svga\.present|vmotion\.|migrate\.|checkpoint\.|ctkEnabled$|.*\.ctkEnabled$|sched\.swap\.derivedName$|uuid\.|vc\.uuid$|monitor\.phys_bits_used$|softPowerOff$|toolsInstallManager\.|guestinfo\.vmtools\.|guestInfo\.detailed\.data$|coldframe\.)/i;

/** Everything of a ConfigSpec but devices and files, from a saved VirtualMachineConfigInfo. */
export function configSpec(config: VimValue, options: ConfigSpecOptions): VimObject {
  const { name, apiVersion, keepIdentity } = options;
  const kept = [...sameName, ...(keepIdentity ? identity : [])];
  const spec: Record<string, VimValue | undefined> = { name };
  for (const field of kept) spec[field] = at(config, field);
  // The boot order names device keys that the new VM does not have yet.
  spec['bootOptions'] = without(at(config, 'bootOptions'), ['bootOrder']);
  spec['tools'] = without(at(config, 'tools'), toolsState);
  spec['cpuAllocation'] = without(at(config, 'cpuAllocation'), ['overheadLimit']);
  spec['memoryAllocation'] = without(at(config, 'memoryAllocation'), ['overheadLimit']);
  if ((numberAt(config, 'sgxInfo.epcSize') ?? 0) > 0) spec['sgxInfo'] = at(config, 'sgxInfo');
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
    ...(automatic ? {} : { coresPerNumaNode: numberAt(numa, 'coresPerNumaNode') }),
    exposeVnumaOnCpuHotadd: at(numa, 'vnumaOnCpuHotaddExposed'),
  };
}

/** Parts of ToolsConfigInfo that report and do not set. */
const toolsState = [
  'toolsVersion',
  'toolsInstallType',
  'pendingCustomization',
  'customizationKeyId',
  'lastInstallInfo',
];

function without(value: VimValue | undefined, names: readonly string[]): VimValue | undefined {
  if (value === undefined) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}
