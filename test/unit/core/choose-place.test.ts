import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { choosePlace, type DiskToPlace, type WishedPlace } from '#core/choose-place.ts';
import type { Places } from '#core/places.ts';

const at = { datacenter: 'DC', datacenterMoref: 'dc-1' };
const places: Places = {
  folders: [
    { path: 'DC/vm', ...at },
    { path: 'DC/vm/Web', ...at },
  ],
  clusters: [{ moref: 'c-1', name: 'Cluster', datacenter: 'DC', poolMoref: 'pool-1' }],
  hosts: [{ moref: 'h-1', name: 'esx1', datacenter: 'DC', poolMoref: 'pool-1' }],
  pools: [
    { moref: 'pool-1', name: 'Resources', datacenter: 'DC', poolMoref: 'pool-1' },
    { moref: 'pool-2', name: 'Test', datacenter: 'DC', poolMoref: 'pool-2' },
  ],
  datastores: [
    { name: 'fast', datacenter: 'DC', accessible: true, freeBytes: 1000 },
    { name: 'slow', datacenter: 'DC', accessible: true, freeBytes: 9000 },
    { name: 'broken', datacenter: 'DC', accessible: false, freeBytes: 9000 },
  ],
  networks: ['LAN'],
};

const disk = (change: Partial<DiskToPlace> = {}): DiskToPlace => ({
  label: 'scsi0-0',
  capacityBytes: 500,
  datastoreName: 'fast',
  thin: true,
  ...change,
});

const choose = (
  wish: WishedPlace = {},
  {
    disks = [disk()],
    there = places,
    folderPath = 'DC/vm/Web',
    resourcePoolMoref,
  }: {
    disks?: readonly DiskToPlace[];
    there?: Places;
    folderPath?: string;
    resourcePoolMoref?: string;
  } = {},
) =>
  choosePlace(
    wish,
    {
      former: { folderPath, ...(resourcePoolMoref === undefined ? {} : { resourcePoolMoref }) },
      disks,
    },
    there,
  );

suite('where a new VM goes', () => {
  test('as it was, where that is still there', () => {
    const chosen = choose({}, { resourcePoolMoref: 'pool-2' });
    assert.deepEqual(chosen.notes, []);
    assert.equal(chosen.folderPath, 'DC/vm/Web');
    assert.equal(chosen.resourcePoolMoref, 'pool-2');
    assert.equal(chosen.datastoreName, 'fast');
    assert.equal(chosen.datacenterMoref, 'dc-1');
  });

  test('as is wished, by name or moref, and a host alone brings its pool', () => {
    assert.equal(choose({ resourcePool: 'Test' }).resourcePoolMoref, 'pool-2');
    assert.equal(choose({ resourcePool: 'pool-2' }).resourcePoolMoref, 'pool-2');
    assert.equal(choose({ cluster: 'Cluster' }).resourcePoolMoref, 'pool-1');
    const onHost = choose({ host: 'esx1' });
    assert.deepEqual([onHost.hostMoref, onHost.resourcePoolMoref], ['h-1', 'pool-1']);
    const both = choose({ host: 'esx1', resourcePool: 'Test' });
    assert.deepEqual([both.hostMoref, both.resourcePoolMoref], ['h-1', 'pool-2']);
  });

  test('each disk where it was, or where it is wished', () => {
    const disks = [disk(), disk({ label: 'scsi0-1', datastoreName: 'slow' })];
    assert.deepEqual([...choose({}, { disks }).diskDatastores.values()], ['fast', 'slow']);
    assert.deepEqual(
      [...choose({ datastoreName: 'slow' }, { disks }).diskDatastores.values()],
      ['slow', 'slow'],
    );
    const wish = { datastoreName: 'slow', diskDatastores: { 'scsi0-1': 'fast' } };
    assert.deepEqual([...choose(wish, { disks }).diskDatastores.values()], ['slow', 'fast']);
  });

  test('the only choice, said, where nothing is as it was', () => {
    const there = {
      ...places,
      folders: [{ path: 'ha-datacenter/vm', datacenter: 'ha-datacenter', datacenterMoref: 'ha' }],
      clusters: [
        { moref: 'cr', name: 'esx9', datacenter: 'ha-datacenter', poolMoref: 'ha-root-pool' },
      ],
      datastores: [
        { name: 'local', datacenter: 'ha-datacenter', accessible: true, freeBytes: 9000 },
      ],
    };
    const chosen = choose({}, { there, resourcePoolMoref: 'pool-1' });
    assert.equal(chosen.folderPath, 'ha-datacenter/vm');
    assert.equal(chosen.resourcePoolMoref, 'ha-root-pool');
    assert.equal(chosen.datastoreName, 'local');
    assert.deepEqual(
      chosen.notes.map((note) => /^The (folder|resource pool|datastore)/.exec(note)?.[1]),
      ['folder', 'resource pool', 'datastore'],
    );
  });

  const refusals: [string, WishedPlace, Parameters<typeof choose>[1], RegExp][] = [
    ['a folder', { folderPath: 'DC/vm/No' }, {}, /no VM folder "DC\/vm\/No".*DC\/vm\/Web/],
    ['a host', { host: 'esx7' }, {}, /no host "esx7".*esx1 \(h-1\)/],
    ['a datastore that is not to be reached', { datastoreName: 'broken' }, {}, /fast, slow/],
    ['a choice of datastores', {}, { disks: [disk({ datastoreName: 'gone' })] }, /fast, slow/],
    ['space', {}, { disks: [disk({ capacityBytes: 1001, thin: false })] }, /1000 bytes free/],
  ];
  for (const [name, wish, options, message] of refusals)
    test(`refused: ${name}`, () => assert.throws(() => choose(wish, options), { message }));

  test('refused: a name that two pools have', () => {
    const twice = { moref: 'pool-3', name: 'Test', datacenter: 'DC', poolMoref: 'pool-3' };
    const there = { ...places, pools: [...places.pools, twice] };
    assert.throws(() => choose({ resourcePool: 'Test' }, { there }), {
      code: 'invalid-input',
      message: /Test \(pool-2\), Test \(pool-3\)/,
    });
  });

  test('thin disks that may outgrow the datastore are warned about', () => {
    const { notes } = choose({}, { disks: [disk({ capacityBytes: 5000 })] });
    assert.match(notes.join(), /may grow to 5000/);
  });
});
