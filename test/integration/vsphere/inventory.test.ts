import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labClient } from './lab-client.ts';

const mib = 1024 * 1024;

test('VMs are listed with place, size and identity', async () => {
  await using client = await labClient();
  const vms = await client.connection.listVms(client.signal);
  const app = vms.find(({ identity }) => identity.name === 'demo-app')!;
  assert.equal(app.folderPath, 'Lab/vm/Production');
  assert.equal(app.diskCount, 2);
  assert.equal(app.totalDiskBytes, 24 * mib);
  assert.equal(app.powerState, 'poweredOn');
  assert.equal(app.template, false);
  assert.equal(app.identity.endpointUuid, client.connection.about.instanceUuid);
  assert.match(app.identity.instanceUuid, /^[0-9a-f-]{36}$/);
});

test('names that look like paths, XML or escapes come through', async () => {
  await using client = await labClient();
  const names = ['a/b', 'c%d', 'e\\f', '<![CDATA[g]]>', 'h & "i" \'j\'', '漢字 \u{1f4be}'];
  for (const name of names) {
    const stored = name.replaceAll(/[%/\\]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
    const { moref } = await client.lab.addVm({ name: stored, disks: [] });
    assert.equal(await client.connection.findVm({ name }, client.signal), moref);
    assert.equal((await client.connection.getVm(moref, client.signal)).identity.name, name);
  }
});

test('a VM is found by what lasts, and not at all when it is gone', async () => {
  await using client = await labClient();
  const { connection, signal, app } = client;
  const { instanceUuid } = (await connection.getVm(app, signal)).identity;
  assert.equal(await connection.findVm({ instanceUuid: instanceUuid.toUpperCase() }, signal), app);
  assert.equal(await connection.findVm({ instanceUuid, morefHint: 'vm-old' }, signal), app);
  assert.equal(await connection.findVm({ moref: app }, signal), app);
  assert.equal(await connection.findVm({ moref: 'vm-999' }, signal), undefined);
  assert.equal(await connection.findVm({ name: 'nobody' }, signal), undefined);
  assert.equal(await connection.findVm({ instanceUuid: crypto.randomUUID() }, signal), undefined);
});

test('two VMs of one name are not guessed between', async () => {
  await using client = await labClient();
  await client.lab.addVm({ name: 'twin', folder: 'A', disks: [] });
  await client.lab.addVm({ name: 'twin', folder: 'B', disks: [] });
  await assert.rejects(client.connection.findVm({ name: 'twin' }, client.signal), {
    code: 'invalid-input',
    message: /2 VMs have the name "twin"/,
  });
});

test('our own VM is told from its clone by a MAC address', async () => {
  await using client = await labClient();
  const { lab, connection, signal, appliance } = client;
  const { biosUuid } = (await connection.getVm(appliance, signal)).identity;
  const self = { biosUuids: [biosUuid, crypto.randomUUID()], macAddresses: [] };
  assert.equal(await connection.findOwnVm(self, signal), appliance);
  await lab.addVm({ name: 'clone', uuid: biosUuid, disks: [] });
  assert.equal(await connection.findOwnVm(self, signal), undefined);
});

test('details are complete', async () => {
  await using client = await labClient();
  const details = await client.connection.getVm(client.app, client.signal);
  assert.equal(details.connectionState, 'connected');
  assert.equal(details.changeTrackingSupported, true);
  assert.equal(details.changeTrackingEnabled, true);
  assert.equal(details.consolidationNeeded, false);
  assert.equal(details.question, undefined);
  assert.equal(details.encrypted, false);
  assert.equal(details.faultToleranceOn, false);
  assert.match(details.datacenterMoref, /^datacenter-/);
  assert.match(details.hostMoref, /^host-/);
  assert.equal(details.datastoreMorefs.length, 1);
  const [system, data] = details.disks;
  assert.equal(system!.controller.kind, 'pvscsi');
  assert.equal(data!.controller.kind, 'lsilogic-sas');
  assert.equal(data!.controller.bus, 1);
  assert.equal(data!.capacityBytes, 8 * mib);
  const datastore = await client.connection.getDatastore(
    details.datastoreMorefs[0]!,
    client.signal,
  );
  assert.equal(datastore.name, 'vmfs1');
  assert.equal(datastore.type, 'VMFS');
  assert.equal(datastore.accessible, true);
  assert.ok(datastore.freeBytes > 0 && datastore.freeBytes <= datastore.capacityBytes);
});

test('a VM that is gone is a clear error', async () => {
  await using client = await labClient();
  await assert.rejects(client.connection.getVm('vm-999', client.signal), { code: 'not-found' });
});

test('the NVRAM is fetched, and its absence is no error', async () => {
  await using client = await labClient();
  const nvram = await client.connection.readNvram(client.app, client.signal);
  assert.ok(nvram !== undefined && nvram.length > 0);
});
