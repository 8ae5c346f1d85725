import { Cron } from 'croner';

import { ColdframeError } from '#core/error.ts';
import type { Schedule } from '#core/job.ts';

/** The next `count` times after `afterMs` (epoch ms), for previews and for the scheduler. */
export function nextRuns(schedule: Schedule, afterMs: number, count: number): readonly number[] {
  try {
    // Computes only: without a function it arms no timer.
    const cron = new Cron(schedule.cron, {
      timezone: schedule.timeZone,
      mode: '5-part',
      paused: true,
    });
    return cron.nextRuns(count, new Date(afterMs)).map((date) => date.getTime());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ColdframeError(
      'invalid-input',
      `The schedule "${schedule.cron}" in time zone "${schedule.timeZone}" is not understood: ${reason}. Five fields are needed: minute, hour, day of month, month, day of week, such as "0 22 * * *".`,
      { cause: error },
    );
  }
}

/** Throws 'invalid-input' with the reason when the schedule cannot be understood or never comes. */
export function checkSchedule(schedule: Schedule, nowMs: number): void {
  if (nextRuns(schedule, nowMs, 1).length === 0)
    throw new ColdframeError(
      'invalid-input',
      `The schedule "${schedule.cron}" never comes. Choose a day that exists.`,
    );
}
