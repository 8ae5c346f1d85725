import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Clock } from '#core/clock.ts';
import { Watchdog } from '#mover/watchdog.ts';

/** A clock whose sleepers wake when it is moved past their time. */
function steppedClock(): Clock & { step(ms: number): Promise<void> } {
  let nowMs = 0;
  let sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleepers.push({ atMs: nowMs + ms, wake: resolve });
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }),
    async step(ms) {
      nowMs += ms;
      const due = sleepers.filter(({ atMs }) => atMs <= nowMs);
      sleepers = sleepers.filter(({ atMs }) => atMs > nowMs);
      for (const { wake } of due) wake();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('barks once after the silence, not before, and not while it is fed', async () => {
  const clock = steppedClock();
  let barks = 0;
  using dog = new Watchdog(clock, 100, () => barks++);
  await clock.step(90);
  dog.feed();
  await clock.step(90);
  assert.equal(barks, 0);
  await clock.step(10);
  assert.equal(barks, 1);
  await clock.step(500);
  assert.equal(barks, 1);
});

test('is quiet once it is put away', async () => {
  const clock = steppedClock();
  let barks = 0;
  {
    using dog = new Watchdog(clock, 100, () => barks++);
    dog.feed();
  }
  await clock.step(200);
  assert.equal(barks, 0);
});
