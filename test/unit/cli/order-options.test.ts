import assert from 'node:assert/strict';
import { it } from 'node:test';

import { exitCodeOf, exitCodeOfRun } from '#cli/exit-codes.ts';
import { given, vmQuery } from '#cli/order-options.ts';
import { errorCodes } from '#core/error.ts';
import { runStates } from '#core/run.ts';

it('tells names, UUIDs and morefs apart', () => {
  assert.deepEqual(vmQuery('demo-app'), { name: 'demo-app' });
  assert.deepEqual(vmQuery('vm-42'), { name: 'vm-42' });
  assert.deepEqual(vmQuery('moref:vm-42'), { moref: 'vm-42' });
  assert.deepEqual(vmQuery('50200C0F-51A2-408A-9C9C-35675F3AF482'), {
    instanceUuid: '50200c0f-51a2-408a-9c9c-35675f3af482',
  });
});

it('leaves out what was not said, so that the service decides', () => {
  assert.deepEqual(given({ a: undefined, b: [], c: false, d: 0, e: ['x'] }), {
    c: false,
    d: 0,
    e: ['x'],
  });
});

it('has a failing exit code for every error, and 0 only for good ends', () => {
  for (const code of errorCodes) assert.ok(exitCodeOf(code) > 0, code);
  for (const state of runStates)
    assert.equal(exitCodeOfRun(state) === 0, ['queued', 'running', 'succeeded'].includes(state));
});
