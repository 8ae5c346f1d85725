import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkDatastoreSpace, checkRepositorySpace } from '#core/space.ts';

const GiB = 1024 ** 3;
const datastore = {
  moref: 'datastore-1',
  name: 'ds1',
  type: 'VMFS',
  accessible: true,
  freeBytes: 500 * GiB,
  capacityBytes: 1000 * GiB,
  url: '',
};

test('datastores: plenty, little, too little, not there', () => {
  const effects = (change: Partial<typeof datastore>) =>
    checkDatastoreSpace({ ...datastore, ...change }).map(({ effect, id }) => `${effect} ${id}`);
  assert.deepEqual(effects({}), []);
  assert.deepEqual(effects({ freeBytes: 99 * GiB }), ['informs datastore-nearly-full']);
  assert.deepEqual(effects({ freeBytes: GiB - 1 }), ['blocks datastore-full']);
  assert.deepEqual(effects({ accessible: false }), ['blocks datastore-not-accessible']);
  assert.deepEqual(effects({ capacityBytes: 2 * GiB, freeBytes: GiB }), []);
  assert.deepEqual(effects({ capacityBytes: 2 * GiB, freeBytes: GiB / 11 }), [
    'blocks datastore-full',
  ]);
});

test('a datastore must hold what the snapshot may grow by', () => {
  const ids = (growth: number) =>
    checkDatastoreSpace({ ...datastore, freeBytes: 200 * GiB }, growth).map(({ id }) => id);
  assert.deepEqual(ids(198 * GiB), []);
  assert.deepEqual(ids(200 * GiB), ['datastore-tight']);
});

test('repositories: only what is sure to fail blocks', () => {
  const effects = (free: number, expected: number) =>
    checkRepositorySpace(free, expected).map(({ effect }) => effect);
  assert.deepEqual(effects(100 * GiB, 50 * GiB), []);
  assert.deepEqual(effects(40 * GiB, 50 * GiB), ['informs']);
  assert.deepEqual(effects(0.9 * GiB, 50 * GiB), ['blocks']);
  assert.deepEqual(effects(1024, 0), ['blocks']);
});
