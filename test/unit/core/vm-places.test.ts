import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PlaceRule } from '#core/job.ts';
import type { VmWhere } from '#core/vm.ts';
import { isInPlace, parsePlace } from '#core/vm-places.ts';

const where: VmWhere = {
  host: 'Prod/host/C1/esx1',
  cluster: 'Prod/host/C1',
  pool: 'Prod/host/C1/Resources/Gold/Shop',
  vApp: 'Prod/vm/Web/Shop',
  datastores: ['Prod/datastore/ds1', 'Prod/datastore/Fast/ds2'],
};

test('a place is meant by its path or by its own name, never by a part of a path', () => {
  const cases: readonly [PlaceRule['by'], string, boolean][] = [
    ['host', 'Prod/host/C1/esx1', true],
    ['host', 'esx1', true],
    ['host', 'C1', false],
    ['host', 'Prod/host/C1', false],
    ['cluster', 'C1', true],
    ['cluster', 'Prod/host/C1', true],
    ['cluster', 'Prod', false],
    ['datastore', 'ds2', true],
    ['datastore', 'Prod/datastore/ds1', true],
    ['datastore', 'Prod/datastore/ds', false],
    ['datastore', 'Fast', false],
    ['vapp', 'Shop', true],
    ['vapp', 'Web', false],
    ['pool', 'Gold', true],
    ['pool', 'Shop', true],
    ['pool', 'Gol', false],
    ['pool', 'C1', false],
    ['pool', 'Prod/host/C1/Resources/Gold', true],
    ['pool', 'Prod/host/C1/Resources/Go', false],
    ['pool', 'Prod/host/C1/Resources', true],
  ];
  for (const [by, path, expected] of cases)
    assert.equal(isInPlace(where, { by, path }), expected, `${by} ${path}`);
});

test('a VM that is nowhere is in no place', () => {
  const nowhere: VmWhere = { host: '', cluster: '', pool: '', vApp: '', datastores: [] };
  for (const by of ['host', 'cluster', 'pool', 'vapp', 'datastore'] as const)
    for (const path of ['x', 'a/b']) assert.equal(isInPlace(nowhere, { by, path }), false);
});

test('places are read as people write them', () => {
  assert.deepEqual(parsePlace('cluster: Prod/host/C1/'), { by: 'cluster', path: 'Prod/host/C1' });
  assert.deepEqual(parsePlace('datastore:/Prod/datastore/a:b'), {
    by: 'datastore',
    path: 'Prod/datastore/a:b',
  });
  for (const text of ['web-*', 'room:12', 'cluster:', 'cluster: /', 'Cluster:C1'])
    assert.equal(parsePlace(text), undefined, text);
});
