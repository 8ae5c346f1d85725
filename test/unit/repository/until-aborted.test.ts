import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import { untilAborted } from '#repository/until-aborted.ts';

const never = new Promise<never>(() => undefined);

test('work that ends in time is passed on, success and failure', async () => {
  const { signal } = new AbortController();
  assert.equal(await untilAborted(Promise.resolve(7), signal), 7);
  const failure = new ColdframeError('io', 'No.');
  await assert.rejects(untilAborted(Promise.reject(failure), signal), failure);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('an abort ends the wait with its reason, before and during it', async () => {
  const reason = new ColdframeError('timeout', 'Too late.');
  await assert.rejects(untilAborted(never, AbortSignal.abort(reason)), reason);
  const failing = Promise.reject(new Error('nobody is left to hear this'));
  await assert.rejects(untilAborted(failing, AbortSignal.abort(reason)));
  const abort = new AbortController();
  const waiting = untilAborted(never, abort.signal);
  abort.abort(reason);
  await assert.rejects(waiting, reason);
});
