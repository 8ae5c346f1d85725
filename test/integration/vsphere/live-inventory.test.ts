import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { VmSummary } from '#core/vm.ts';
import { labClient } from './lab-client.ts';

const names = (vms: readonly VmSummary[]): readonly string[] =>
  vms.map(({ identity }) => identity.name).sort();

test('a long inventory comes in pages and is read once', async () => {
  await using client = await labClient({ pageLimit: 3 });
  const { lab, connection, signal } = client;
  for (let i = 0; i < 11; i++) await lab.addVm({ name: `extra-${i}`, disks: [] });
  assert.equal((await connection.listVms(signal)).length, 13);
  const waits = (await lab.counters())['WaitForUpdatesEx'] ?? 0;
  assert.ok(waits > 4, `${waits} pages`);
  assert.equal((await connection.listVms(signal)).length, 13);
  assert.equal((await lab.counters())['WaitForUpdatesEx'], waits + 1);
  assert.equal((await lab.counters())['CreateContainerView'], 1);
});

test('what is made, moved and removed shows in the next list', async () => {
  await using client = await labClient();
  const { lab, connection, signal, app } = client;
  await connection.listVms(signal);
  const { moref } = await lab.addVm({ name: 'new', folder: 'Later', disks: [] });
  const listed = await connection.listVms(signal);
  const made = listed.find(({ identity }) => identity.moref === moref);
  assert.equal(made?.folderPath, 'Lab/vm/Later');
  const { host } = listed.find(({ identity }) => identity.moref === app)!.where;
  const other = host.endsWith('esx1.lab.invalid') ? 'esx2.lab.invalid' : 'esx1.lab.invalid';
  await lab.moveToHost({ vm: 'demo-app', host: other });
  await connection.powerOff(app, signal);
  const again = await connection.listVms(signal);
  const moved = again.find(({ identity }) => identity.moref === app)!;
  assert.ok(moved.where.host.endsWith(`/${other}`));
  assert.equal(moved.powerState, 'poweredOff');
  await lab.removeVm({ vm: 'new' });
  assert.deepEqual(names(await connection.listVms(signal)), ['coldframe', 'demo-app']);
});

test('callers at one time share the work, and one may give up', async () => {
  await using client = await labClient();
  const { lab, connection, signal } = client;
  const impatient = new AbortController();
  const lists = [1, 2, 3].map(() => connection.listVms(signal));
  const given = connection.listVms(impatient.signal);
  impatient.abort();
  await assert.rejects(given, { code: 'cancelled' });
  for (const list of await Promise.all(lists)) assert.equal(list.length, 2);
  assert.ok(((await lab.counters())['WaitForUpdatesEx'] ?? 0) <= 2);
});

test('a page that is lost with the login or the connection is no reason to lose the list', async () => {
  for (const kind of ['expire-connection', 'drop'] as const) {
    await using client = await labClient({ pageLimit: 3 });
    for (let i = 0; i < 11; i++) await client.lab.addVm({ name: `extra-${i}`, disks: [] });
    await client.lab.addFaults([{ on: 'WaitForUpdatesEx', skip: 2, action: { kind } }]);
    const vms = await client.connection.listVms(client.signal);
    assert.equal(new Set(vms.map(({ identity }) => identity.moref)).size, 13, kind);
  }
});

test('a login that expired between two lists costs nothing but time', async () => {
  await using client = await labClient();
  const { lab, connection, signal } = client;
  await connection.listVms(signal);
  await lab.expireConnections();
  await lab.addVm({ name: 'meanwhile', disks: [] });
  assert.deepEqual(names(await connection.listVms(signal)), ['coldframe', 'demo-app', 'meanwhile']);
});

test('changes are fetched while nobody asks', async () => {
  await using client = await labClient(); // its minute takes three seconds
  const { lab, connection, signal } = client;
  await connection.listVms(signal);
  const before = (await lab.counters())['WaitForUpdatesEx'] ?? 0;
  for (let i = 0; i < 200; i++) {
    if (((await lab.counters())['WaitForUpdatesEx'] ?? 0) > before) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('nothing was fetched');
});

test('where a VM runs is known by path', async () => {
  await using client = await labClient();
  const vms = await client.connection.listVms(client.signal);
  const { where } = vms.find(({ identity }) => identity.name === 'demo-app')!;
  assert.match(where.cluster, /^Lab\/host\/[^/]+$/);
  assert.ok(where.host.startsWith(`${where.cluster}/`));
  assert.equal(where.pool, `${where.cluster}/Resources`);
  assert.equal(where.vApp, '');
  assert.deepEqual(where.datastores, ['Lab/datastore/vmfs1']);
});
