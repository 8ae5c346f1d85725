import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ColdframeError } from '#core/error.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { withDeadline } from '#core/deadline.ts';

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
}

test('work that is done in time is simply done, and its timer with it', async () => {
  const clock = new FakeClock(0);
  assert.equal(await withDeadline(clock, { ms: 1000, what: 'Work' }, async () => 7), 7);
  assert.equal(clock.sleeping, 0);
});

test('an error of the work itself comes through', async () => {
  const clock = new FakeClock(0);
  const failure = new Error('own');
  await assert.rejects(
    withDeadline(clock, { ms: 1000, what: 'Work' }, () => Promise.reject(failure)),
    failure,
  );
  assert.equal(clock.sleeping, 0);
});

test('time runs out', async () => {
  const clock = new FakeClock(0);
  const work = withDeadline(clock, { ms: 90_000, what: 'Logging in' }, untilAborted);
  const expected = assert.rejects(work, {
    code: 'timeout',
    message: 'Logging in did not finish within 90 seconds.',
  });
  await clock.advance(89_999);
  await clock.advance(1);
  await expected;
});

test("the caller's signal wins over what the work made of it", async () => {
  const clock = new FakeClock(0);
  const stop = new AbortController();
  const work = withDeadline(clock, { signal: stop.signal, ms: 1000, what: 'Work' }, untilAborted);
  stop.abort();
  await assert.rejects(work, { code: 'cancelled', message: 'Work was stopped.' });
  let started = false;
  const late = withDeadline(clock, { signal: stop.signal, ms: 1000, what: 'Work' }, async () => {
    started = true;
  });
  await assert.rejects(late, { code: 'cancelled' });
  assert.equal(started, false);
});

test('a reason of our own is passed on', async () => {
  const reason = new ColdframeError('no-space', 'The disk is full.');
  const signal = AbortSignal.abort(reason);
  await assert.rejects(
    withDeadline(new FakeClock(0), { signal, ms: 1, what: 'Work' }, untilAborted),
    reason,
  );
});
