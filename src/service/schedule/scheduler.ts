import type { Clock } from '#core/clock.ts';
import type { Job } from '#core/job.ts';

import { nextRuns } from './next-runs.ts';

/** What has times of its own: a job, or a repository whose archives are verified. */
export type Scheduled = Pick<Job, 'id' | 'name' | 'enabled' | 'schedule' | 'createdAtMs'>;

export interface ScheduledJobs<J extends Scheduled = Job> {
  listJobs(): Promise<readonly J[]>;
  lastScheduledMs(jobId: string): Promise<number | undefined>;
  setLastScheduledMs(jobId: string, epochMs: number): Promise<void>;
}

export interface SchedulerOptions<J extends Scheduled = Job> {
  readonly clock: Clock;
  readonly jobs: ScheduledJobs<J>;
  /** Queues a run; returns false when the job's last run has not ended, and this time is let go. */
  readonly start: (job: J, dueMs: number) => Promise<boolean>;
  readonly log: { info(message: string): void; warn(message: string): void };
  readonly signal: AbortSignal;
}

/** Longest nap between two looks, so that a changed clock or job is noticed. */
const lookMs = 30_000;
/** A time further back than this was missed: the service was down, or the clock jumped. */
const missedMs = 5 * 60_000;

/**
 * One loop for all jobs. How far it has looked is kept per job, so that a restart neither
 * repeats nor forgets a time. Times missed together become at most one run.
 */
export async function runScheduler<J extends Scheduled>(
  options: SchedulerOptions<J>,
): Promise<void> {
  const { clock, signal, jobs } = options;
  const plans = new Map<string, string>();
  let lookedMs: number | undefined;
  while (!signal.aborted) {
    const now = clock.now();
    let nextMs = now + lookMs;
    for (const job of await jobs.listJobs()) {
      const plan = JSON.stringify((job.enabled ? job.schedule : undefined) ?? null);
      const changed = lookedMs !== undefined && plans.get(job.id) !== plan;
      plans.set(job.id, plan);
      if (!job.enabled || job.schedule === undefined) continue;
      // Times before a job was made, resumed or given this schedule were not missed.
      if (changed) await jobs.setLastScheduledMs(job.id, Math.max(lookedMs!, job.createdAtMs));
      try {
        await lookAt(job, now, options);
        nextMs = Math.min(nextMs, nextRuns(job.schedule, now, 1)[0] ?? nextMs);
      } catch (error) {
        // One job's trouble must not stop the others' schedules.
        const reason = error instanceof Error ? error.message : String(error);
        options.log.warn(`Job ${job.name}: its schedule could not be followed: ${reason}`);
      }
    }
    lookedMs = now;
    await clock.sleep(Math.max(200, nextMs - clock.now()), signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

async function lookAt<J extends Scheduled>(
  job: J,
  now: number,
  options: SchedulerOptions<J>,
): Promise<void> {
  const { jobs, log } = options;
  const last = await jobs.lastScheduledMs(job.id);
  // A clock that was set back must not run the same times again, nor stand still for long.
  if (last === undefined || last > now + missedMs) return jobs.setLastScheduledMs(job.id, now);
  const due = latestDue(job, last, now);
  if (due === undefined) return;
  await jobs.setLastScheduledMs(job.id, now);
  if (now - due > missedMs && job.schedule?.missed === 'skip')
    return log.warn(`Job ${job.name}: ${new Date(due).toISOString()} was missed and is skipped.`);
  if (!(await options.start(job, due)))
    log.warn(
      `Job ${job.name}: the run before has not ended; ${new Date(due).toISOString()} is let go.`,
    );
}

/** The newest time in (last, now], looking back at most as far as one run can matter. */
function latestDue(job: Scheduled, last: number, now: number): number | undefined {
  let due: number | undefined;
  let from = last;
  for (;;) {
    const [next] = nextRuns(job.schedule!, from, 1);
    if (next === undefined || next > now) return due;
    due = next;
    // Years of missed minutes must not be walked one by one.
    from = Math.max(next, now - 2 * 86_400_000 > next ? now - 2 * 86_400_000 : next);
  }
}
