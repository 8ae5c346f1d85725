import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compareConfig } from '#core/config-document.ts';

const here = [
  { name: 'a', address: 'one', thumbprint: null, tags: { x: 1, y: 2 } },
  { name: 'b', address: 'two' },
];

test('what is the same, other, new or only here is told apart', () => {
  const changes = compareConfig(
    'endpoint',
    [
      { name: 'a', address: 'one', tags: { y: 2, x: 1 } },
      { name: 'c', address: 'three' },
    ],
    here,
  );
  assert.deepEqual(
    changes.map(({ name, action }) => [name, action]),
    [
      ['a', 'same'],
      ['c', 'add'],
      ['b', 'only-here'],
    ],
  );
});

test('only the fields that the file has are compared, and null is not set', () => {
  const [change] = compareConfig(
    'endpoint',
    [{ name: 'b', address: 'new', thumbprint: null }],
    here,
  );
  assert.equal(change!.action, 'change');
  assert.deepEqual(change!.differences, [{ field: 'address', from: 'two', to: 'new' }]);
  const [unset] = compareConfig('endpoint', [{ name: 'b', address: null }], here);
  assert.deepEqual(unset!.differences, [{ field: 'address', from: 'two', to: undefined }]);
});

test('the order of a list counts', () => {
  const [change] = compareConfig(
    'repository',
    [{ name: 'r', encryptTo: ['k2', 'k1'] }],
    [{ name: 'r', encryptTo: ['k1', 'k2'] }],
  );
  assert.equal(change!.action, 'change');
});
