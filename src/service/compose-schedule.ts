import type { Clock } from '#core/clock.ts';
import { isEnded } from '#core/run.ts';

import type { ServiceLog } from './log/logger.ts';
import { runJob, type JobRunOptions } from './operations/jobs.ts';
import type { RunStore } from './ports.ts';
import { runScheduler, type ScheduledJobs } from './schedule/scheduler.ts';

export interface ScheduleOptions extends JobRunOptions {
  readonly clock: Clock;
  readonly jobs: ScheduledJobs;
  readonly runs: Pick<RunStore, 'unfinishedRuns'>;
  readonly log: ServiceLog;
}

/** Runs jobs by their schedules until it is disposed. */
export function startSchedule(options: ScheduleOptions): AsyncDisposable {
  const { clock, jobs, runs, log } = options;
  const stop = new AbortController();
  const say = (level: 'info' | 'warn') => (message: string) => log.log(level, message);
  const work = runScheduler({
    clock,
    jobs,
    signal: stop.signal,
    log: { info: say('info'), warn: say('warn') },
    async start(job) {
      const unfinished = await runs.unfinishedRuns();
      if (unfinished.some((run) => run.jobName === job.name && !isEnded(run.state))) return false;
      try {
        await runJob(options, job, stop.signal);
      } catch (error) {
        log.log('error', `Job ${job.name} could not start.`, { error });
      }
      return true;
    },
  }).catch((error: unknown) => log.log('error', 'The scheduler stopped.', { error }));
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await work;
    },
  };
}
