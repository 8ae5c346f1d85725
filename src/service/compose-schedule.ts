import type { Clock, IdSource } from '#core/clock.ts';
import type { Job } from '#core/job.ts';
import { isEnded } from '#core/run.ts';

import type { ServiceLog } from './log/logger.ts';
import { runJob, type JobRunOptions } from './operations/jobs.ts';
import type { RunStore } from './ports.ts';
import { recordFailedStart } from './schedule/failed-start.ts';
import { runScheduler, type ScheduledJobs } from './schedule/scheduler.ts';

export interface ScheduleOptions extends JobRunOptions {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly jobs: ScheduledJobs;
  readonly runs: Pick<RunStore, 'unfinishedRuns' | 'saveRun'>;
  readonly log: ServiceLog;
}

/** Runs jobs by their schedules until it is disposed. */
export function startSchedule(options: ScheduleOptions): AsyncDisposable {
  const { clock, jobs, runs, log } = options;
  const stop = new AbortController();
  const starting = new Map<string, Promise<void>>();
  const begin = async (job: Job): Promise<void> => {
    try {
      await runJob(options, job, stop.signal);
    } catch (error) {
      log.log('error', `Job ${job.name} could not start.`, { error });
      if (!stop.signal.aborted) await recordFailedStart(options, job, error);
    }
  };
  const say = (level: 'info' | 'warn') => (message: string) => log.log(level, message);
  const work = runScheduler({
    clock,
    jobs,
    signal: stop.signal,
    log: { info: say('info'), warn: say('warn') },
    async start(job) {
      const unfinished = await runs.unfinishedRuns();
      if (unfinished.some((run) => run.jobName === job.name && !isEnded(run.state))) return false;
      if (starting.has(job.id)) return false;
      // Not waited for: an endpoint that does not answer must not hold up the jobs of others.
      const started = begin(job)
        .catch((error: unknown) => log.log('error', `Job ${job.name} left no trace.`, { error }))
        .finally(() => starting.delete(job.id));
      starting.set(job.id, started);
      return true;
    },
  }).catch((error: unknown) => log.log('error', 'The scheduler stopped.', { error }));
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await work;
      await Promise.all(starting.values());
    },
  };
}
