import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from '#core/clock.ts';

/**
 * Time that passes by sleeping: what sleeps less than `pauseMs` wakes at once and finds the clock
 * moved on by what it slept; longer sleeps, deadlines, go on until they are given up.
 */
export function skippingClock(pauseMs = 20_000): Clock {
  let nowMs = Date.UTC(2026, 10, 22);
  return {
    now: () => nowMs,
    async sleep(ms, signal) {
      const options = signal === undefined ? {} : { signal };
      const pauses = ms >= pauseMs;
      await delay(pauses ? 2 ** 31 - 1 : 1, undefined, { ...options, ref: !pauses });
      nowMs += ms;
    },
  };
}
