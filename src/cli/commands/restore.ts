import type { RunRecord } from '#core/run.ts';
import type { RestorePlan } from '#engine/requests.ts';

import type { Command, CommandInput } from '../command.ts';
import { afterOrder } from '../follow-run.ts';
import { bytesText, timeText } from '../format.ts';
import {
  detachOption,
  given,
  pairs,
  transportNote,
  transportOption,
  vmQuery,
} from '../order-options.ts';
import { usageError } from '../parse-command-line.ts';
import { confirm } from '../prompt.ts';

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'Restore a VM, as a new one or over itself',
  arguments: [{ name: 'RESTORE_POINT', summary: 'id from "coldframe restore-point list"' }],
  options: {
    'new-name': { value: 'NAME', summary: 'make a new VM with this name' },
    'in-place': { summary: 'overwrite the disks of the VM that was backed up' },
    rollback: { summary: 'as --in-place, but write only what has changed since' },
    vm: { value: 'VM', summary: 'with --in-place: overwrite this VM instead' },
    'power-off': { summary: 'with --in-place: power a running VM off first' },
    'power-on': { summary: 'power the VM on when all is written' },
    yes: { short: 'y', summary: 'with --in-place: do not ask' },
    'dry-run': { summary: 'only say what would be done' },
    disk: {
      value: 'LABEL',
      summary: 'with --in-place: only this disk; may be repeated',
      many: true,
    },
    'disk-target': {
      value: 'LABEL=SLOT',
      summary: 'with --in-place: overwrite this other disk; may be repeated',
      many: true,
    },
    endpoint: { value: 'NAME', summary: 'restore to this endpoint (default: where it was)' },
    folder: { value: 'PATH', summary: 'VM folder, "Datacenter/vm/Folder"' },
    datastore: { value: 'NAME', summary: 'datastore of the new VM (default: where each disk was)' },
    'disk-datastore': {
      value: 'LABEL=NAME',
      summary: 'datastore of one disk; may be repeated',
      many: true,
    },
    provisioning: { value: 'HOW', summary: 'thin, thick or thick-eager (default: as it was)' },
    cluster: { value: 'NAME', summary: 'cluster for the new VM' },
    host: { value: 'NAME', summary: 'host for the new VM' },
    pool: { value: 'NAME', summary: 'resource pool for the new VM, by name or moref' },
    network: {
      value: 'OLD=NEW',
      summary: 'connect to another network; may be repeated',
      many: true,
    },
    'keep-identity': { summary: 'keep UUIDs and MAC addresses: only when the original is gone' },
    'keep-mac': { summary: 'keep the MAC addresses alone' },
    'connect-networks': { summary: 'let network cards start connected, as they were' },
    'without-tpm': { summary: 'go on without the virtual TPM, which no backup holds' },
    'wait-tools': { value: 'MINUTES', summary: 'with --power-on: wait for VMware Tools, as proof' },
    'keep-failed': { summary: 'keep the half-written VM after a failure' },
    'read-back': {
      value: 'HOW',
      summary: 'full (default), sampled or off: prove what was written',
    },
    transport: transportOption,
    detach: detachOption,
  },
  notes: [transportNote],
  examples: [
    'coldframe restore k3v7q2m5xw4hzabc --new-name demo-app-restored',
    'coldframe restore k3v7q2m5xw4hzabc --new-name test --datastore ds2 --network "VM Network=Lab"',
    'coldframe restore k3v7q2m5xw4hzabc --in-place --power-off --power-on',
    'coldframe restore k3v7q2m5xw4hzabc --in-place --dry-run',
    'coldframe restore k3v7q2m5xw4hzabc --rollback --power-off --power-on',
  ],
  async run(input) {
    const order = orderOf(input);
    if (input.flag('dry-run')) {
      const plan = await input.client.post<RestorePlan>('/restore-plans', order);
      if (input.output.json) input.output.document(plan);
      else showPlan(input, plan);
      return undefined;
    }
    if (isInPlace(input) && !input.flag('yes')) await askFirst(input, order);
    return afterOrder(input, await input.client.post<RunRecord>('/restores', order));
  },
};

function orderOf(input: CommandInput): Record<string, unknown> {
  const { text, texts, flag } = input;
  const name = text('new-name');
  if ((name === undefined) === !isInPlace(input))
    throw usageError('Say where to: --new-name NAME for a new VM, or --in-place or --rollback.');
  const vm = text('vm');
  const target =
    name === undefined
      ? given({
          kind: 'in-place',
          powerOff: flag('power-off'),
          rollback: flag('rollback') ? true : undefined,
          diskTargets: pairs(input, 'disk-target'),
          vm: vm === undefined ? undefined : vmQuery(vm),
        })
      : given({
          kind: 'new-vm',
          name,
          folderPath: text('folder'),
          datastoreName: text('datastore'),
          diskDatastores: pairs(input, 'disk-datastore'),
          provisioning: text('provisioning'),
          cluster: text('cluster'),
          host: text('host'),
          resourcePool: text('pool'),
          networkMap: pairs(input, 'network'),
          keepIdentity: flag('keep-identity'),
          keepMacAddresses: flag('keep-mac') ? true : undefined,
          connectNetworks: flag('connect-networks') ? true : undefined,
          withoutTpm: flag('without-tpm') ? true : undefined,
          onFailure: flag('keep-failed') ? 'keep' : 'destroy',
        });
  return given({
    restorePoint: input.argument('RESTORE_POINT'),
    endpoint: text('endpoint'),
    target,
    disks: texts('disk'),
    powerOn: flag('power-on'),
    waitForToolsMs: minutes(input, 'wait-tools'),
    readBack: text('read-back'),
    transports: texts('transport'),
  });
}

function minutes({ text }: CommandInput, option: string): number | undefined {
  const word = text(option);
  if (word === undefined) return undefined;
  const value = Number(word);
  if (value > 0 && value <= 60) return Math.round(value * 60_000);
  throw usageError(`--${option} takes minutes, 1 to 60.`);
}

function isInPlace({ flag }: CommandInput): boolean {
  return flag('in-place') || flag('rollback');
}

/** Overwriting is the one thing here that cannot be undone. */
async function askFirst(input: CommandInput, order: Record<string, unknown>): Promise<void> {
  if (!input.environment.interactive)
    throw usageError('This overwrites disks. Without a terminal to ask, give --yes.');
  showPlan(input, await input.client.post<RestorePlan>('/restore-plans', order));
  if (!(await confirm(input, 'Overwrite these disks?')))
    throw usageError('Not confirmed; nothing was changed.');
}

function showPlan({ output }: CommandInput, plan: RestorePlan): void {
  const { header } = plan.restorePoint;
  const where =
    plan.vmMoref === undefined
      ? `a new VM "${plan.vmName}"`
      : `${plan.vmName} (${plan.vmMoref}), overwriting it`;
  output.facts([
    ['Restore', `${header.vm.name} as of ${timeText(header.createdAtMs)}`],
    ['Into', where],
    ['Reads', plan.chain.map(({ path }) => path).join(', ')],
    ['Power off', plan.willPowerOff ? 'yes, it is running' : 'not needed'],
  ]);
  output.line();
  output.table(
    [
      { title: 'DISK' },
      { title: 'NAME' },
      { title: 'SIZE', align: 'right' },
      { title: 'WRITES TO' },
      { title: 'HOW MUCH' },
      { title: 'BY' },
    ],
    plan.disks.map((disk) => [
      disk.label,
      disk.deviceLabel,
      bytesText(disk.capacityBytes),
      plan.vmMoref === undefined ? `a new disk on ${disk.fileName}` : disk.fileName,
      `${disk.method}: ${disk.methodReason}`,
      disk.transports.join(', '),
    ]),
  );
  output.line();
  for (const [index, step] of plan.steps.entries()) output.line(`${index + 1}. ${step}`);
  for (const warning of plan.warnings) output.line(`${output.warn('Warning:')} ${warning}`);
}
