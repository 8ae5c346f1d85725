import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choosePlace } from '#core/choose-place.ts';
import { vcsimClient, vmNamed, type VcsimClient } from './vcsim-client.ts';

const mib = 1024 * 1024;

/** What a backup of vcsim's first VM saves. */
async function saved(client: VcsimClient, name: string) {
  const { connection, signal } = client;
  const vmMoref = await vmNamed(client, name);
  const request = { vmMoref, name: 'n', description: 'd', quiesce: false };
  const snapshot = await connection.createSnapshot(request, signal);
  const contents = await connection.snapshotContents(vmMoref, snapshot, signal);
  await connection.revertToSnapshot(snapshot, { signal });
  await connection.removeSnapshot(snapshot, { signal });
  return { ...contents, config: JSON.parse(JSON.stringify(contents.config)) as unknown };
}

test('the places of a cluster, and a VM put among them', async () => {
  await using client = await vcsimClient({ model: ['-ds', '2'] });
  const { connection, govc, signal } = client;
  const places = await connection.listPlaces(signal);
  assert.deepEqual(
    places.folders.filter(({ datacenter }) => datacenter === 'DC0').map(({ path }) => path),
    ['DC0/vm'],
  );
  assert.deepEqual(places.datastores.map(({ name }) => name).toSorted(), [
    'LocalDS_0',
    'LocalDS_1',
  ]);
  assert.ok(places.hosts.every(({ poolMoref }) => poolMoref !== ''));
  assert.ok(places.networks.includes('VM Network'));
  await govc('fields.add', 'Owner');
  const { config, disks, placement } = await saved(client, 'DC0_C0_RP0_VM0');
  const place = choosePlace(
    { host: 'DC0_C0_H1', diskDatastores: { first: 'LocalDS_1' } },
    {
      former: { folderPath: placement.folderPath },
      disks: [{ label: 'first', capacityBytes: 6 * mib, datastoreName: 'LocalDS_0', thin: true }],
    },
    places,
  );
  const creation = {
    ...place,
    name: 'placed',
    config,
    disks: [
      {
        key: disks[0]!.key,
        capacityBytes: 6 * mib,
        datastoreName: place.diskDatastores.get('first')!,
        provisioning: 'thick-eager' as const,
      },
    ],
    datastoreName: 'LocalDS_0',
    keepIdentity: false,
    keepMacAddresses: true,
    connectNetworks: true,
  };
  assert.deepEqual(await connection.previewVm(creation, signal), []);
  const made = await connection.createVm({ ...creation, marker: 'coldframe:a:1' }, signal);
  const { disks: found } = await connection.getVm(made, signal);
  assert.match(found[0]!.backing.fileName, /^\[LocalDS_1\]/);
  assert.equal(found[0]!.backing.thin, false);
  assert.match(await govc('vm.info', 'placed'), /Host:\s+DC0_C0_H1/);
  const missed = await connection.setCustomValues(
    made,
    [
      { name: 'Owner', value: 'Ada' },
      { name: 'Nobody knows it', value: 'x' },
    ],
    signal,
  );
  assert.equal(missed.length, 1);
  assert.match(missed[0]!, /"Nobody knows it" was not brought back/);
  assert.match(await govc('fields.info', '-n', 'Owner', 'vm/placed'), /Ada/);
});

test('a stand-alone host has one of each, which a VM from elsewhere is put on', async () => {
  await using client = await vcsimClient({ model: ['-esx'] });
  const { connection, signal } = client;
  const place = choosePlace(
    {},
    {
      former: { folderPath: 'DC0/vm/Web', resourcePoolMoref: 'resgroup-8' },
      disks: [{ label: 'first', capacityBytes: 6 * mib, datastoreName: 'vmfs1', thin: true }],
    },
    await connection.listPlaces(signal),
  );
  assert.equal(place.folderPath, 'ha-datacenter/vm');
  assert.equal(place.diskDatastores.get('first'), 'LocalDS_0');
  assert.equal(place.notes.length, 3);
  const { config, disks } = await saved(client, 'ha-host_VM0');
  const [{ key }] = disks as [(typeof disks)[number]];
  const made = await connection.createVm(
    {
      ...place,
      name: 'from elsewhere',
      config,
      disks: [{ key, capacityBytes: 6 * mib, provisioning: 'thin' }],
      keepIdentity: false,
      marker: 'coldframe:a:2',
    },
    signal,
  );
  assert.deepEqual(await connection.findMarkedVms('coldframe:a:2', signal), [made]);
});
