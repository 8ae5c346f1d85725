import type { RepositoryConfig } from '#core/config.ts';
import { madeByJob } from '#core/job.ts';
import type { VmIdentity } from '#core/vm.ts';
import type { TaskLog } from '#engine/ports.ts';
import { countKeepReasons, type PruneOutcome } from '#engine/prune.ts';

import type { JobStore, UseCases } from '../ports.ts';
import type { TaskOutcome } from '../runs/run-task.ts';

export interface PruneAfterOptions {
  readonly jobs: JobStore;
  readonly useCases: Pick<UseCases, 'prune'>;
  readonly inUse: () => ReadonlySet<string>;
}

export interface PruneAfterInput {
  readonly jobId: string;
  readonly repository: RepositoryConfig;
  readonly vm: VmIdentity;
}

export type PruneAfterBackup = (
  input: PruneAfterInput,
  watch: { readonly log: TaskLog; readonly signal: AbortSignal },
) => Promise<Partial<TaskOutcome>>;

/**
 * The second half of a job's task: removes what the job's policy, as it is now, does not keep.
 * Never throws: the backup is made, whatever becomes of the old ones.
 */
export function pruneAfterBackup(options: PruneAfterOptions): PruneAfterBackup {
  const { jobs, useCases, inUse } = options;
  return async ({ jobId, repository, vm }, watch) => {
    const all = await jobs.listJobs();
    const job = all.find(({ id }) => id === jobId);
    if (job === undefined) {
      watch.log.info('The job is gone, and its retention with it: nothing is removed.');
      return {};
    }
    try {
      const outcome = await useCases.prune(
        {
          repository,
          vm,
          policy: job.retention,
          isOwn: ({ header }) => madeByJob(header.jobName, job, all),
          inUse,
        },
        watch,
      );
      const { stopped } = outcome;
      return {
        warnings: stopped === undefined ? [] : [notRemoved(stopped.message)],
        result: pruneResult(outcome),
      };
    } catch (error) {
      const text = notRemoved(error instanceof Error ? error.message : String(error));
      watch.log.warn(text);
      return { warnings: [text] };
    }
  };
}

function notRemoved(why: string): string {
  return `The backup is good, but not all old restore points could be removed: ${why}`;
}

function pruneResult({ removed, verdicts }: PruneOutcome): TaskOutcome['result'] {
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
