import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Secret } from '#core/secret.ts';
import { vcsimClient, vmNamed } from './vcsim-client.ts';

test('a vCenter is logged in to, named, and left again', async () => {
  await using client = await vcsimClient();
  const { connection, govc, endpoint } = client;
  assert.equal(connection.about.apiType, 'VirtualCenter');
  assert.match(connection.about.fullName, /VMware vCenter Server/);
  assert.match(connection.about.instanceUuid, /^[0-9a-f-]{36}$/);
  const logins = async (): Promise<number> =>
    (await govc('session.ls')).split('\n').filter((line) => line.includes('coldframe/test')).length;
  assert.equal(await logins(), 1);
  const second = await client.vsphere.connect(endpoint, client.signal);
  assert.equal(await logins(), 1, 'a second caller shares the login');
  await second[Symbol.asyncDispose]();
  await connection[Symbol.asyncDispose]();
  assert.equal(await logins(), 0);
});

test('a wrong password is refused once', async () => {
  await using client = await vcsimClient();
  const endpoint = client.proxy.endpoint({ id: 'x', password: new Secret('wrong') });
  await assert.rejects(client.vsphere.connect(endpoint, client.signal), { code: 'login-refused' });
  assert.equal(client.proxy.calls.filter((call) => call === 'Login').length, 2);
});

test('a login that an administrator ended is renewed, once for all', async () => {
  await using client = await vcsimClient();
  const { connection, govc, signal, proxy } = client;
  const vm = await vmNamed(client, 'DC0_H0_VM0');
  const before = await connection.listVms(signal);
  const line = (await govc('session.ls'))
    .split('\n')
    .find((each) => each.includes('coldframe/test'));
  await govc('session.rm', line!.trim().split(/\s+/)[0]!);
  const [list, details] = await Promise.all([
    connection.listVms(signal),
    connection.getVm(vm, signal),
  ]);
  assert.equal(list.length, before.length);
  assert.equal(details.identity.name, 'DC0_H0_VM0');
  assert.equal(proxy.calls.filter((call) => call === 'Login').length, 2);
});

test('connections that break under reads, and logins that expire, are made again', async () => {
  await using client = await vcsimClient();
  const { connection, signal, proxy } = client;
  const vm = await vmNamed(client, 'DC0_H0_VM0');
  proxy.fault({ on: 'RetrievePropertiesEx', action: 'drop' });
  proxy.fault({ on: 'RetrievePropertiesEx', action: 'lose-answer', skip: 1 });
  proxy.fault({ on: 'RetrievePropertiesEx', action: 'not-authenticated', skip: 1 });
  for (let i = 0; i < 6; i++)
    assert.equal((await connection.getVm(vm, signal)).identity.name, 'DC0_H0_VM0');
});

test('a standalone ESXi host is an endpoint too', async () => {
  await using client = await vcsimClient({ model: ['-esx'] });
  const { connection, signal } = client;
  assert.equal(connection.about.apiType, 'HostAgent');
  assert.match(connection.about.instanceUuid, /^[0-9a-f-]{36}$/, "the host's hardware stands in");
  const vms = await connection.listVms(signal);
  assert.ok(vms.length > 0);
  for (const vm of vms) {
    assert.equal(vm.identity.endpointUuid, connection.about.instanceUuid);
    assert.equal(vm.folderPath, 'ha-datacenter/vm');
    assert.equal(vm.where.cluster, '');
  }
});
