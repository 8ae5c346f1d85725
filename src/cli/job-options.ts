import {
  placeKinds,
  type Job,
  type PlaceRule,
  type Schedule,
  type VmExclusion,
  type VmRule,
} from '#core/job.ts';
import type { RetentionPolicy } from '#core/retention.ts';
import type { VmSummary } from '#core/vm.ts';
import { parsePlace } from '#core/vm-places.ts';

import type { CommandInput, OptionSpec } from './command.ts';
import { usageError } from './parse-command-line.ts';

/** Options by which a job says what, when and how long. */

export const whatOptions: Readonly<Record<string, OptionSpec>> = {
  all: { summary: 'every VM, those to come included' },
  vm: { value: 'NAME', summary: 'this VM (name or instance UUID); may be repeated', many: true },
  folder: {
    value: 'PATH',
    summary: 'VMs in this folder and below; may be repeated',
    many: true,
  },
  in: {
    value: 'KIND:PLACE',
    summary: 'VMs of a host, cluster, pool, vapp, datastore, tag; repeatable',
    many: true,
  },
  name: { value: 'PATTERN', summary: 'VMs named like web-*; may be repeated', many: true },
  exclude: {
    value: 'PATTERN=REASON',
    summary: 'not VMs named like this (or KIND:PLACE), and why; may be repeated',
    many: true,
  },
};

export const whenOptions: Readonly<Record<string, OptionSpec>> = {
  schedule: { value: 'CRON', summary: 'minute, hour, day of month, month, day of week' },
  'time-zone': { value: 'ZONE', summary: 'such as Europe/Berlin (default: that of this machine)' },
  missed: {
    value: 'HOW',
    summary: 'for a time that was missed: run-once (default) or skip',
  },
};

const keepWords = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;

export const keepOptions: Readonly<Record<string, OptionSpec>> = {
  'keep-last': { value: 'N', summary: 'the newest N' },
  'keep-hourly': { value: 'N', summary: 'the newest of each of the last N hours that have one' },
  'keep-daily': { value: 'N', summary: 'the same for days' },
  'keep-weekly': { value: 'N', summary: 'the same for weeks' },
  'keep-monthly': { value: 'N', summary: 'the same for months' },
  'keep-yearly': { value: 'N', summary: 'the same for years' },
  'keep-minimum': { value: 'N', summary: 'never fewer than N, whatever else is said' },
};

export const auditOption: OptionSpec = {
  value: 'PERCENT',
  summary: 'also compare this share of what is said to be unchanged (default 0)',
};

export const chainOption: OptionSpec = {
  value: 'N',
  summary: 'most incrementals on one full backup (default 30; 0: always full)',
};

export const fullOptions: Readonly<Record<string, OptionSpec>> = {
  fulls: {
    value: 'FROM',
    summary: 'full backups are: active (from the VM; default) or synthetic',
  },
  'active-full-days': {
    value: 'N',
    summary: 'read the VM whole every N days in any case (default 0: do not)',
  },
};

/** A whole number from an option; undefined when it was not given. */
export function numberOf(input: CommandInput, option: string): number | undefined {
  const text = input.text(option);
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text))
    throw usageError(`--${option} must be a whole number, not "${text}".`);
  return Number(text);
}

/** Empty when nothing was said; `listVms` is asked only when VMs are named. */
export async function includeRules(
  input: CommandInput,
  listVms: () => Promise<readonly VmSummary[]>,
): Promise<readonly VmRule[]> {
  const names = input.texts('vm');
  const vms = names.length === 0 ? [] : await listVms();
  return [
    ...(input.flag('all') ? [{ by: 'all' } as const] : []),
    ...input.texts('folder').map((path) => ({ by: 'folder', path }) as const),
    ...input.texts('in').map(placeRule),
    ...input.texts('name').map((pattern) => ({ by: 'name', pattern }) as const),
    ...names.map((name) => ruleOfVm(vms, name)),
  ];
}

function placeRule(text: string): PlaceRule {
  const rule = parsePlace(text);
  if (rule !== undefined) return rule;
  throw usageError(
    `--in "${text}" names no place. Say which kind and which one: --in cluster:Datacenter/host/Cluster (${placeKinds.join(', ')})`,
  );
}

function ruleOfVm(vms: readonly VmSummary[], wanted: string): VmRule {
  const found = vms.filter(
    ({ identity }) => identity.name === wanted || identity.instanceUuid === wanted.toLowerCase(),
  );
  const [vm] = found;
  if (vm === undefined) throw usageError(`There is no VM "${wanted}". See: coldframe vm list`);
  if (found.length > 1)
    throw usageError(
      `There are ${found.length} VMs named "${wanted}". Give the instance UUID: coldframe vm list --uuid`,
    );
  const { instanceUuid, name } = vm.identity;
  return { by: 'vm', instanceUuid, name };
}

export function exclusions(input: CommandInput): readonly VmExclusion[] {
  return input.texts('exclude').map((text) => {
    const at = text.indexOf('=');
    const pattern = at === -1 ? text : text.slice(0, at);
    const reason = at === -1 ? '' : text.slice(at + 1).trim();
    if (pattern === '' || reason === '')
      throw usageError(
        `--exclude "${text}" lacks a reason. Say why, for whoever asks later: --exclude "test-*=rebuilt every day"`,
      );
    return { rule: parsePlace(pattern) ?? { by: 'name', pattern }, reason };
  });
}

export function localTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** What was said of the schedule, over what was before; undefined when nothing was. */
export function scheduleOf(input: CommandInput, before?: Schedule): Schedule | undefined {
  const { text } = input;
  const cron = text('schedule') ?? before?.cron;
  const changed = ['schedule', 'time-zone', 'missed'].some((name) => text(name) !== undefined);
  if (cron === undefined || !changed) return undefined;
  const missed = text('missed') ?? before?.missed ?? 'run-once';
  if (missed !== 'run-once' && missed !== 'skip')
    throw usageError(`--missed must be run-once or skip, not "${missed}".`);
  return { cron, timeZone: text('time-zone') ?? before?.timeZone ?? localTimeZone(), missed };
}

/** What was said of keeping, over what was before; undefined when nothing was. */
export function policyOf(
  input: CommandInput,
  before?: RetentionPolicy,
): RetentionPolicy | undefined {
  const said = [...keepWords, 'minimum' as const].flatMap((word) => {
    const count = numberOf(input, `keep-${word}`);
    return count === undefined ? [] : [[word, count] as const];
  });
  const timeZone = input.text('time-zone') ?? before?.timeZone ?? localTimeZone();
  if (said.length === 0 && (before === undefined || timeZone === before.timeZone)) return undefined;
  return { ...before, ...Object.fromEntries(said), timeZone };
}

/** "the last 3; the newest of 7 days", for people. */
export function keepText(policy: RetentionPolicy): string {
  const periods = {
    hourly: 'hour',
    daily: 'day',
    weekly: 'week',
    monthly: 'month',
    yearly: 'year',
  };
  const parts = keepWords.flatMap((word) => {
    const n = policy[word] ?? 0;
    if (n === 0) return [];
    if (word === 'last') return [`the last ${n}`];
    return [`the newest of ${n === 1 ? `one ${periods[word]}` : `${n} ${periods[word]}s`}`];
  });
  const minimum = policy.minimum ?? 1;
  return [
    ...parts,
    ...(minimum > 1 || parts.length === 0 ? [`never fewer than ${Math.max(1, minimum)}`] : []),
  ].join('; ');
}

export function scheduleText({ schedule }: Pick<Job, 'schedule'>): string {
  return schedule === undefined ? 'only by hand' : `${schedule.cron} (${schedule.timeZone})`;
}

/** "after 30 incrementals, put together on the repository", for people. */
export function fullsText({ maxChainLength, fulls, activeFullDays = 0 }: Job): string {
  if (maxChainLength === 0) return 'always';
  const how = fulls === 'synthetic' ? ', put together from the chain' : ', read from the VM';
  const aged = activeFullDays === 0 ? '' : `; read from the VM every ${activeFullDays} days`;
  return `after ${maxChainLength} incrementals${how}${aged}`;
}
