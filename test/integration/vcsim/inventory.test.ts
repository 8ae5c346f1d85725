import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { VmSummary } from '#core/vm.ts';
import { vcsimClient, vmNamed, type VcsimClient } from './vcsim-client.ts';

const model = '-dc 2 -folder 1 -cluster 1 -host 2 -pool 1 -app 1 -vm 2 -ds 2'.split(' ');

async function lines(client: VcsimClient, ...args: readonly string[]): Promise<string[]> {
  return (await client.govc(...args)).split('\n').filter((line) => line !== '');
}

const path = ({ folderPath, identity }: VmSummary): string => `/${folderPath}/${identity.name}`;

test('every VM has the place that govc gives it, in folders, pools, vApps, hosts and datastores', async () => {
  await using client = await vcsimClient({ model });
  const { connection, signal } = client;
  const vms = await connection.listVms(signal);
  assert.deepEqual(vms.map(path).sort(), (await lines(client, 'find', '/', '-type', 'm')).sort());
  assert.ok(vms.length >= 10, `${vms.length} VMs`);
  const [clusters, hosts, pools, vApps, datastores] = await Promise.all(
    ['c', 'h', 'p', 'a', 's'].map(
      async (type) => new Set(await lines(client, 'find', '/', '-type', type)),
    ),
  );
  for (const { where, identity } of vms) {
    assert.ok(hosts!.has(`/${where.host}`), `${identity.name} on ${where.host}`);
    assert.ok(pools!.has(`/${where.pool}`) || vApps!.has(`/${where.pool}`), where.pool);
    for (const each of where.datastores) assert.ok(datastores!.has(`/${each}`), each);
    if (where.cluster !== '') assert.ok(clusters!.has(`/${where.cluster}`), where.cluster);
  }
  assert.ok(
    vms.some(({ where }) => where.cluster === ''),
    'hosts outside of clusters',
  );
  assert.ok(
    vms.some(({ where }) => where.vApp !== ''),
    'VMs in vApps',
  );
});

test('what other clients do shows in the next list', async () => {
  await using client = await vcsimClient();
  const { connection, govc, signal, proxy } = client;
  const names = async (): Promise<readonly string[]> =>
    (await connection.listVms(signal)).map(({ identity }) => identity.name).sort();
  const first = await names();
  const moref = await vmNamed(client, 'DC0_H0_VM0');
  const views = (): number => proxy.calls.filter((call) => call === 'CreateContainerView').length;
  const viewsBefore = views();
  await govc('vm.change', '-vm', 'DC0_H0_VM1', '-name', 'renamed / % here');
  await govc('vm.power', '-off', '-force', 'DC0_H0_VM0');
  await govc(
    'vm.create',
    '-on=false',
    '-host',
    'DC0_H0',
    '-ds',
    'LocalDS_0',
    '-net',
    'VM Network',
    'made by govc',
  );
  const listed = await connection.listVms(signal);
  assert.equal(listed.find(({ identity }) => identity.moref === moref)?.powerState, 'poweredOff');
  await govc('vm.destroy', 'DC0_H0_VM0');
  assert.deepEqual(
    await names(),
    [
      ...first.filter((name) => !['DC0_H0_VM0', 'DC0_H0_VM1'].includes(name)),
      'made by govc',
      'renamed / % here',
    ].sort(),
  );
  assert.equal(views(), viewsBefore, 'nothing was read as a whole again');
});

test('a reading that breaks off in the middle begins anew and is whole', async () => {
  await using client = await vcsimClient({ model: ['-vm', '60'] });
  const { connection, signal, proxy } = client;
  proxy.fault({ on: 'WaitForUpdatesEx', action: 'lose-answer', skip: 2 });
  proxy.fault({ on: 'WaitForUpdatesEx', action: 'drop', skip: 1 });
  const vms = await connection.listVms(signal);
  assert.equal(new Set(vms.map(({ identity }) => identity.moref)).size, 120);
  proxy.fault({ on: 'WaitForUpdatesEx', action: 'not-authenticated' });
  assert.equal((await connection.listVms(signal)).length, 120);
});

test('tags are read by category and name, and again after a while', async () => {
  await using client = await vcsimClient();
  const { connection, govc, signal } = client;
  const tagsOf = async (name: string): Promise<readonly string[] | undefined> =>
    (await connection.listVms(signal)).find(({ identity }) => identity.name === name)?.where.tags;
  assert.deepEqual(await tagsOf('DC0_H0_VM0'), []);
  await govc('tags.category.create', '-m', 'Backup');
  await govc('tags.create', '-c', 'Backup', 'Gold & fine');
  await govc('tags.create', '-c', 'Backup', 'Unused');
  await govc('tags.attach', '-c', 'Backup', 'Gold & fine', '/DC0/vm/DC0_H0_VM0');
  await govc('tags.attach', '-c', 'Backup', 'Gold & fine', '/DC0');
  // The half minute for which they are kept takes one and a half seconds on this clock.
  for (let i = 0; (await tagsOf('DC0_H0_VM0'))?.length !== 1 && i < 200; i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(await tagsOf('DC0_H0_VM0'), ['Backup/Gold & fine']);
  assert.deepEqual(await tagsOf('DC0_H0_VM1'), []);
});

test('disks are counted and sized as govc sees them', async () => {
  await using client = await vcsimClient();
  const { connection, signal } = client;
  await client.govc('vm.disk.create', '-vm', 'DC0_H0_VM0', '-name', 'more', '-size', '3G');
  const vms = await connection.listVms(signal);
  const vm = vms.find(({ identity }) => identity.name === 'DC0_H0_VM0')!;
  const details = JSON.parse(
    await client.govc('device.info', '-json', '-vm', 'DC0_H0_VM0', 'disk-*'),
  ) as { devices: { capacityInBytes: number }[] };
  assert.equal(vm.diskCount, 2);
  assert.equal(
    vm.totalDiskBytes,
    details.devices.reduce((sum, { capacityInBytes }) => sum + capacityInBytes, 0),
  );
});
