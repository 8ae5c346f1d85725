import type { Notice, Posting, Severity } from './notice.ts';
import type { AlarmSettings } from './notify-settings.ts';

/** Alarms about what should have happened and did not: silence looks like peace; and about damage. */

export const alarmKinds = ['vm', 'damage', 'job', 'verify', 'repository'] as const;
export type AlarmKind = (typeof alarmKinds)[number];

export interface Alarm {
  /** One and the same as long as it is about the same thing. */
  readonly key: string;
  readonly kind: AlarmKind;
  readonly severity: Severity;
  readonly title: string;
  readonly text: string;
}

export interface StandingAlarm extends Alarm {
  readonly sinceMs: number;
  readonly toldMs: number;
}

export interface AlarmFacts {
  readonly vms: readonly {
    readonly key: string;
    readonly name: string;
    /** Of the newest restore point without known damage; absent: there is none. */
    readonly newestGoodMs?: number;
  }[];
  /** VMs with restore points that a verification found damaged. */
  readonly damaged: readonly {
    readonly key: string;
    readonly name: string;
    readonly count: number;
  }[];
  readonly jobs: readonly {
    readonly id: string;
    readonly name: string;
    /** The newest time that should have led to a run, if it is known to have led to none. */
    readonly missedMs?: number;
  }[];
  /** Absent: there is nothing to verify. */
  readonly verified?: { readonly oldestPointMs: number; readonly lastMs?: number };
  readonly repositories: readonly {
    readonly id: string;
    readonly name: string;
    readonly daysToFull?: number;
  }[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export function judgeAlarms(
  facts: AlarmFacts,
  settings: AlarmSettings,
  nowMs: number,
): readonly Alarm[] {
  return [
    ...lateVms(facts, settings, nowMs),
    ...damagedVms(facts),
    ...missedJobs(facts, settings, nowMs),
    ...verification(facts, settings, nowMs),
    ...fillingRepositories(facts, settings),
  ];
}

function lateVms({ vms }: AlarmFacts, { vmHours }: AlarmSettings, nowMs: number): Alarm[] {
  if (vmHours === 0) return [];
  return vms.flatMap(({ key, name, newestGoodMs }) => {
    if (newestGoodMs !== undefined && nowMs - newestGoodMs <= vmHours * hourMs) return [];
    const age =
      newestGoodMs === undefined
        ? 'It has no good restore point at all.'
        : `Its newest good restore point is ${hours(nowMs - newestGoodMs)} old.`;
    return {
      key: `vm/${key}`,
      kind: 'vm' as const,
      severity: 'failure' as const,
      title: `${name} has no good restore point of the last ${vmHours} hours`,
      text: `${age} See its last runs: coldframe run list. If it need not be backed up any more, take it out of its job or disable the job.`,
    };
  });
}

function damagedVms({ damaged }: AlarmFacts): Alarm[] {
  return damaged.map(({ key, name, count }) => ({
    key: `damage/${key}`,
    kind: 'damage',
    severity: 'failure',
    title: `${count === 1 ? 'A restore point' : `${count} restore points`} of ${name} cannot be restored whole`,
    text: `A verification found damage in the archives. See which and where: coldframe restore-point list --vm ${JSON.stringify(name)}. It is over when a good copy was put back and verified, or when they are removed.`,
  }));
}

function missedJobs({ jobs }: AlarmFacts, { jobMinutes }: AlarmSettings, nowMs: number): Alarm[] {
  if (jobMinutes === 0) return [];
  return jobs.flatMap(({ id, name, missedMs }) =>
    missedMs === undefined || nowMs - missedMs < jobMinutes * 60_000
      ? []
      : {
          key: `job/${id}`,
          kind: 'job' as const,
          severity: 'failure' as const,
          title: `Job ${name} did not start`,
          text: `Its time was ${new Date(missedMs).toISOString()}. Was the service down, or has the run before not ended? Start it now: coldframe job run ${JSON.stringify(name)}`,
        },
  );
}

function verification(
  { verified }: AlarmFacts,
  { verifyDays }: AlarmSettings,
  nowMs: number,
): Alarm[] {
  if (verifyDays === 0 || verified === undefined) return [];
  // Until the first one, the age of the oldest restore point counts.
  const sinceMs = verified.lastMs ?? verified.oldestPointMs;
  if (nowMs - sinceMs <= verifyDays * dayMs) return [];
  const last =
    verified.lastMs === undefined ? 'never' : `last ${hours(nowMs - verified.lastMs)} ago`;
  return [
    {
      key: 'verify',
      kind: 'verify',
      severity: 'warning',
      title: `No restore point was verified for ${verifyDays} days`,
      text: `Archives were read and checked ${last}. What has not been read back may have rotted: coldframe verify`,
    },
  ];
}

function fillingRepositories(
  { repositories }: AlarmFacts,
  { repositoryDays }: AlarmSettings,
): Alarm[] {
  return repositories.flatMap(({ id, name, daysToFull }) =>
    daysToFull === undefined || daysToFull >= repositoryDays
      ? []
      : {
          key: `repository/${id}`,
          kind: 'repository' as const,
          severity: 'warning' as const,
          title: `Repository ${name} is full in about ${Math.floor(daysToFull)} days`,
          text: 'At the pace of the last week. Make room, keep less (coldframe retention), or add a repository.',
        },
  );
}

function hours(ms: number): string {
  return ms < 3 * dayMs ? `${Math.floor(ms / hourMs)} hours` : `${Math.floor(ms / dayMs)} days`;
}

/** An alarm that stands is told again this often. */
const againMs = dayMs;

export interface AlarmChange {
  /** To be told: new ones, and those that were told long ago. */
  readonly tell: readonly StandingAlarm[];
  readonly over: readonly StandingAlarm[];
  readonly standing: readonly StandingAlarm[];
}

export function compareAlarms(
  before: readonly StandingAlarm[],
  found: readonly Alarm[],
  nowMs: number,
): AlarmChange {
  const known = new Map(before.map((alarm) => [alarm.key, alarm]));
  const keys = new Set(found.map(({ key }) => key));
  const due = (key: string): boolean => nowMs - (known.get(key)?.toldMs ?? -Infinity) >= againMs;
  const standing = found.map((alarm): StandingAlarm => ({
    ...alarm,
    sinceMs: known.get(alarm.key)?.sinceMs ?? nowMs,
    toldMs: due(alarm.key) ? nowMs : known.get(alarm.key)!.toldMs,
  }));
  return {
    standing,
    tell: standing.filter(({ key }) => due(key)),
    over: before.filter(({ key }) => !keys.has(key)),
  };
}

/** What was noticed, whom it goes to, and how far was looked: written together. */
export interface NotifyChange {
  readonly notices?: readonly Notice[];
  readonly postings?: readonly Posting[];
  readonly donePostings?: readonly string[];
  readonly alarms?: {
    readonly standing: readonly StandingAlarm[];
    readonly over: readonly string[];
  };
  readonly toldUntilMs?: number;
  readonly lastSummaryMs?: number;
}
