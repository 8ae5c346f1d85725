import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Gate } from '#engine/gate.ts';

test('one at a time, in order, and a failure lets the next one in', async () => {
  const gate = new Gate();
  const seen: string[] = [];
  const enter = (name: string, fail = false) =>
    gate.pass(async () => {
      seen.push(`in ${name}`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`out ${name}`);
      if (fail) throw new Error(name);
    });
  const results = await Promise.allSettled([enter('a'), enter('b', true), enter('c')]);
  assert.deepEqual(seen, ['in a', 'out a', 'in b', 'out b', 'in c', 'out c']);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});
