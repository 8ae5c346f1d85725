import type { PowerState, VmDetails } from '#core/vm.ts';
import { ancestorsOf } from './ancestors.ts';
import { disksOf } from './disks.ts';
import { vmIdentity } from './identity.ts';
import { readObject } from './properties.ts';
import { snapshotNodes } from './snapshot-tree.ts';
import { asList, at, booleanAt, listAt, textAt, type VimValue, morefOf } from './value.ts';
import { vmRef, type Vim } from './vim.ts';

const paths = [
  'name',
  'config',
  'capability.changeTrackingSupported',
  'capability.snapshotOperationsSupported',
  'runtime.powerState',
  'runtime.connectionState',
  'runtime.host',
  'runtime.question',
  'runtime.consolidationNeeded',
  'runtime.faultToleranceState',
  'guest.toolsRunningStatus',
  'snapshot',
  'datastore',
];

/** A fresh look at one VM. Throws `not-found`. */
export async function readVm(vim: Vim, vmMoref: string, signal: AbortSignal): Promise<VmDetails> {
  const vm = vmRef(vmMoref);
  const { values } = await readObject(vim.connection, vm, { paths, signal });
  const ancestors = await ancestorsOf(vim.connection, vm, { signal });
  const config = values['config'];
  const disks = disksOf(config);
  return {
    identity: vmIdentity(vim, vmMoref, values),
    powerState: textOf(values['runtime.powerState']) as PowerState,
    connectionState: textOf(values['runtime.connectionState']),
    template: booleanAt(config, 'template') ?? false,
    hostMoref: morefOf(values['runtime.host'])?.value ?? '',
    datacenterMoref:
      ancestors.find(({ object }) => object.type === 'Datacenter')?.object.value ?? '',
    datastoreMorefs: asList(values['datastore']).flatMap((store) => morefOf(store)?.value ?? []),
    hardwareVersion: Number(/^vmx-(\d+)/.exec(textAt(config, 'version') ?? '')?.[1] ?? 0),
    changeTrackingSupported: values['capability.changeTrackingSupported'] === true,
    changeTrackingEnabled: booleanAt(config, 'changeTrackingEnabled') ?? false,
    // Servers that do not say so allow them.
    snapshotsSupported: values['capability.snapshotOperationsSupported'] !== false,
    toolsRunning: values['guest.toolsRunningStatus'] === 'guestToolsRunning',
    consolidationNeeded: values['runtime.consolidationNeeded'] === true,
    question: textAt(values['runtime.question'], 'text'),
    faultToleranceOn: !['notConfigured', ''].includes(
      textOf(values['runtime.faultToleranceState']),
    ),
    encrypted: isEncrypted(config),
    snapshots: snapshotNodes(values['snapshot']),
    disks,
    extraConfig: extraConfigOf(config),
  };
}

export function extraConfigOf(config: VimValue | undefined): ReadonlyMap<string, string> {
  return new Map(
    listAt(config, 'extraConfig').map((option) => [
      textAt(option, 'key') ?? '',
      textAt(option, 'value') ?? '',
    ]),
  );
}

function isEncrypted(config: VimValue | undefined): boolean {
  return (
    at(config, 'keyId') !== undefined ||
    listAt(config, 'hardware.device').some((device) => at(device, 'backing.keyId') !== undefined)
  );
}

function textOf(value: VimValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
