import type { Clock, IdSource } from '#core/clock.ts';
import { toErrorRecord } from '#core/error.ts';
import type { Job } from '#core/job.ts';
import type { RunRecord } from '#core/run.ts';

import type { RunStore } from '../ports.ts';

export interface FailedStartOptions {
  readonly runs: Pick<RunStore, 'saveRun'>;
  readonly ids: IdSource;
  readonly clock: Clock;
}

/** A job that could not even begin is a failed run: it must be seen where people look in the morning. */
export async function recordFailedStart(
  { runs, ids, clock }: FailedStartOptions,
  job: Job,
  error: unknown,
): Promise<RunRecord> {
  const [runId, taskId, nowMs] = [ids.next(), ids.next(), clock.now()];
  const ended = { createdAtMs: nowMs, startedAtMs: nowMs, endedAtMs: nowMs } as const;
  const run: RunRecord = {
    id: runId,
    kind: 'backup',
    title: job.name,
    jobName: job.name,
    state: 'failed',
    ...ended,
    taskIds: [taskId],
  };
  await runs.saveRun(run, [
    {
      id: taskId,
      runId,
      kind: 'backup',
      subject: `${job.name} could not start`,
      request: { jobId: job.id },
      state: 'failed',
      ...ended,
      disks: [],
      warnings: [],
      error: toErrorRecord(error),
    },
  ]);
  return run;
}
