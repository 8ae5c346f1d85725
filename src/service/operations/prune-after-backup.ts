import type { RepositoryConfig } from '#core/config.ts';
import { madeByJob, type Job } from '#core/job.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { TaskRecord } from '#core/run.ts';
import type { VmIdentity } from '#core/vm.ts';
import type { SyntheticOutcome } from '#engine/make-synthetic-full.ts';
import { countKeepReasons, type PruneOutcome } from '#engine/prune.ts';

import type { JobStore, LoggedWatch, UseCases } from '../ports.ts';
import type { TaskOutcome } from '../runs/run-task.ts';

export interface PruneAfterOptions {
  readonly jobs: JobStore;
  readonly useCases: Pick<UseCases, 'prune' | 'makeSyntheticFull'>;
  readonly inUse: () => ReadonlySet<string>;
}

export interface PruneAfterInput {
  readonly jobId: string;
  readonly task: Pick<TaskRecord, 'id' | 'runId'>;
  readonly endpointId: string;
  readonly repository: RepositoryConfig;
  readonly vm: VmIdentity;
}

export type PruneAfterBackup = (
  input: PruneAfterInput,
  watch: LoggedWatch,
) => Promise<Partial<TaskOutcome>>;

/** zstd level of what a synthetic full puts together anew: that of the backups themselves. */
const compressLevel = 1;

/**
 * The second half of a job's task: makes a full of a chain that has become long, where the job
 * wants it made on the repository, and removes what the job's policy, as it is now, does not
 * keep. Never throws: the backup is made, whatever becomes of the old ones.
 */
export function pruneAfterBackup(options: PruneAfterOptions): PruneAfterBackup {
  return async (input, watch) => {
    const all = await options.jobs.listJobs();
    const job = all.find(({ id }) => id === input.jobId);
    if (job === undefined) {
      watch.log.info('The job is gone, and its retention with it: nothing is removed.');
      return {};
    }
    const isOwn = ({ header }: RestorePoint): boolean => madeByJob(header.jobName, job, all);
    const made = await renewChain(options, { ...input, job, isOwn }, watch);
    const pruned = await pruneOld(options, { ...input, job, isOwn }, watch);
    return {
      warnings: [...(made.warnings ?? []), ...(pruned.warnings ?? [])],
      result: { ...made.result, ...pruned.result },
    };
  };
}

interface JobsPart extends PruneAfterInput {
  readonly job: Job;
  readonly isOwn: (point: RestorePoint) => boolean;
}

async function renewChain(
  { useCases }: PruneAfterOptions,
  { job, isOwn, task, endpointId, repository, vm }: JobsPart,
  watch: LoggedWatch,
): Promise<Partial<TaskOutcome>> {
  if (job.fulls !== 'synthetic') return {};
  try {
    const made = await useCases.makeSyntheticFull(
      {
        repository,
        vm,
        policy: job.retention,
        isOwn,
        maxIncrementals: job.maxChainLength,
        compressLevel,
        endpointId,
        runId: task.runId,
        taskId: task.id,
      },
      watch,
    );
    return made === undefined ? {} : { result: { synthetic: syntheticResult(made) } };
  } catch (error) {
    watch.signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    const text = `The backup is good, but no synthetic full could be made: ${why}`;
    watch.log.warn(text);
    return { warnings: [text] };
  }
}

function syntheticResult({ restorePoint, ...made }: SyntheticOutcome): object {
  const { header, path, archiveBytes } = restorePoint;
  return { restorePointId: header.id, path, archiveBytes, ...made };
}

async function pruneOld(
  { useCases, inUse }: PruneAfterOptions,
  { job, isOwn, repository, vm }: JobsPart,
  watch: LoggedWatch,
): Promise<Partial<TaskOutcome>> {
  try {
    const outcome = await useCases.prune(
      { repository, vm, policy: job.retention, isOwn, inUse },
      watch,
    );
    const { stopped } = outcome;
    return {
      warnings: stopped === undefined ? [] : [notRemoved(stopped.message)],
      result: { pruned: pruneResult(outcome) },
    };
  } catch (error) {
    const text = notRemoved(error instanceof Error ? error.message : String(error));
    watch.log.warn(text);
    return { warnings: [text] };
  }
}

function notRemoved(why: string): string {
  return `The backup is good, but not all old restore points could be removed: ${why}`;
}

function pruneResult({ removed, verdicts }: PruneOutcome): object {
  return {
    removed: removed.map(({ header, archiveBytes, path }) => ({
      id: header.id,
      createdAtMs: header.createdAtMs,
      path,
      archiveBytes,
      reason: 'no rule keeps it',
    })),
    freedBytes: removed.reduce((sum, { archiveBytes }) => sum + archiveBytes, 0),
    kept: verdicts.filter(({ keep }) => keep).length,
    /** How many each rule keeps; a point may be kept by several. */
    keptBy: countKeepReasons(verdicts),
  };
}
