import type { Clock, IdSource } from '#core/clock.ts';

/** A clock that stands still until it is moved; sleeping moves it. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function testClock(startMs = Date.UTC(2026, 10, 22, 12)): TestClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      await Promise.resolve();
      nowMs += ms;
    },
  };
}

/** id00000000000001, id00000000000002, ... */
export function countingIds(): IdSource {
  let count = 0;
  return { next: () => `id${String(++count).padStart(14, '0')}` };
}
