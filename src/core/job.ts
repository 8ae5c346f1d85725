import type { RetentionPolicy } from './retention.ts';
import type { Compression } from './restore-point.ts';

export const fullsFrom = ['active', 'synthetic'] as const;
export type FullsFrom = (typeof fullsFrom)[number];

/** A saved definition: which VMs, when, where to, how long to keep. */
export interface Job {
  readonly id: string;
  readonly name: string;
  /** Names that it had: restore points keep the name of their day, and its policy is about them too. */
  readonly formerNames?: readonly string[];
  readonly enabled: boolean;
  readonly endpointId: string;
  readonly repositoryId: string;
  readonly selection: VmSelection;
  /** Absent: runs only when asked to. */
  readonly schedule?: Schedule;
  readonly retention: RetentionPolicy;
  readonly compression: Compression;
  /** Most incrementals on one full before the next full. */
  readonly maxChainLength: number;
  /** What that full is made from: the VM (active, the default), or the chain's own archives. */
  readonly fulls?: FullsFrom;
  /** The VM is read whole when that was longer ago, whatever `fulls` says; absent or 0: never for that reason. */
  readonly activeFullDays?: number;
  /** Share of each disk that each run compares although it is said to be unchanged, in percent; absent: none. */
  readonly auditPercent?: number;
  /** What to do when the guest cannot be quiesced. */
  readonly onQuiesceFailure: 'crash-consistent' | 'fail';
  /** How often quiescing is tried again before that; absent: not. */
  readonly quiesceRetries?: number;
  readonly createdAtMs: number;
}

/** Whether a restore point that says `jobName` is the job's, and so its retention's. */
export function madeByJob(
  jobName: string | null,
  job: Pick<Job, 'id' | 'name' | 'formerNames'>,
  all: readonly Pick<Job, 'id' | 'name'>[],
): boolean {
  if (jobName === null) return false;
  if (jobName === job.name) return true;
  const formerly = job.formerNames?.includes(jobName) === true;
  return formerly && !all.some(({ id, name }) => id !== job.id && name === jobName);
}

export interface Schedule {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
  /** What to do about a time that passed while the service was down. */
  readonly missed: 'run-once' | 'skip';
}

/** VMs that a job is about; evaluated anew at each run. */
export interface VmSelection {
  readonly include: readonly VmRule[];
  readonly exclude: readonly VmExclusion[];
}

export type VmRule =
  | { readonly by: 'all' }
  | { readonly by: 'vm'; readonly instanceUuid: string; readonly name: string }
  /** The folder and everything below it: "Datacenter/vm/Servers". */
  | { readonly by: 'folder'; readonly path: string }
  | PlaceRule
  /** `*` and `?` stand for any characters; letter case does not matter. */
  | { readonly by: 'name'; readonly pattern: string };

/** What VMs run on and in, besides folders, and what they are tagged with. */
export const placeKinds = ['host', 'cluster', 'pool', 'vapp', 'datastore', 'tag'] as const;

/** By inventory path, or by the place's own name, wherever a place of that name is. */
export interface PlaceRule {
  readonly by: (typeof placeKinds)[number];
  readonly path: string;
}

export interface VmExclusion {
  readonly rule: Exclude<VmRule, { by: 'all' }>;
  /** Why, for the person who asks later. */
  readonly reason: string;
}
