import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ColdframeError, fromErrorRecord, toErrorRecord, wrapError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';

test('an error survives the trip through JSON with its causes', () => {
  const root = Object.assign(new Error('write EIO'), { code: 'EIO' });
  const error = new ColdframeError('disk', 'Disk 1 cannot be read.', {
    cause: root,
    details: { offset: 7 },
  });
  const back = fromErrorRecord(JSON.parse(JSON.stringify(toErrorRecord(error))));
  assert.equal(back.code, 'disk');
  assert.equal(back.message, 'Disk 1 cannot be read.');
  assert.deepEqual(back.details, { offset: 7 });
  assert.ok(back.cause instanceof ColdframeError);
  assert.equal(back.cause.code, 'io');
});

test('foreign errors get the code that fits', () => {
  const codeOf = (error: unknown): string => toErrorRecord(error).code;
  assert.equal(codeOf(Object.assign(new Error('x'), { code: 'ENOSPC' })), 'no-space');
  assert.equal(codeOf(Object.assign(new Error('x'), { code: 'EDQUOT' })), 'no-space');
  assert.equal(codeOf(AbortSignal.abort().reason), 'cancelled');
  assert.equal(codeOf(Object.assign(new Error('x'), { name: 'TimeoutError' })), 'timeout');
  assert.equal(codeOf('a string'), 'internal');
});

test('wrapping keeps an error that already has a code', () => {
  const inner = new ColdframeError('busy', 'Wait.');
  assert.equal(wrapError('io', 'Outer.', inner), inner);
  assert.equal(wrapError('io', 'Outer.', new Error('x')).code, 'io');
});

test('a secret never shows itself', () => {
  const secret = new Secret('hunter2');
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ deep: { secret } }),
    [secret].join(),
  ];
  for (const text of shown) assert.ok(!text.includes('hunter2'), text);
  assert.equal(secret.reveal(), 'hunter2');
});
