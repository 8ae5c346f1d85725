import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Remembered } from '#service/web/remembered.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

function counted(clock: FakeClock) {
  const answers: PromiseWithResolvers<number>[] = [];
  const remembered = new Remembered({
    clock,
    maxAgeMs: 1000,
    patienceMs: 100,
    load: () => {
      const answer = Promise.withResolvers<number>();
      answers.push(answer);
      return answer.promise;
    },
  });
  return { remembered, answers };
}

test('many readers cause one load, and none while the answer is young', async () => {
  const clock = new FakeClock(0);
  const { remembered, answers } = counted(clock);
  const readers = [remembered.get(), remembered.get()];
  answers[0]!.resolve(1);
  assert.deepEqual(await Promise.all(readers), [1, 1]);
  await clock.advance(999);
  assert.equal(await remembered.get(), 1);
  assert.equal(answers.length, 1);
});

test('an old answer is given when the new one takes long, and the new one later', async () => {
  const clock = new FakeClock(0);
  const { remembered, answers } = counted(clock);
  const first = remembered.get();
  answers[0]!.resolve(1);
  await first;
  await clock.advance(1000);
  const impatient = remembered.get();
  await clock.advance(100);
  assert.equal(await impatient, 1);
  answers[1]!.resolve(2);
  await clock.advance(0);
  assert.equal(await remembered.get(), 2);
  assert.equal(answers.length, 2);
});

test('what was forgotten while it was loaded is not kept', async () => {
  const { remembered, answers } = counted(new FakeClock(0));
  const before = remembered.get();
  remembered.forget();
  const after = remembered.get();
  answers[0]!.resolve(1);
  answers[1]!.resolve(2);
  assert.deepEqual(await Promise.all([before, after]), [1, 2]);
  assert.equal(await remembered.get(), 2);
});

test('a failure reaches its readers and is not kept', async () => {
  const { remembered, answers } = counted(new FakeClock(0));
  const failing = remembered.get();
  answers[0]!.reject(new Error('away'));
  await assert.rejects(failing, /away/);
  const next = remembered.get();
  answers[1]!.resolve(2);
  assert.equal(await next, 2);
});
