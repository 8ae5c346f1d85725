import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labClient, type LabClient } from './lab-client.ts';

const mib = 1024 * 1024;

async function saved(client: LabClient) {
  const { connection, signal, app } = client;
  const request = { vmMoref: app, name: 'n', description: 'd', quiesce: false };
  const snapshot = await connection.createSnapshot(request, signal);
  const contents = await connection.snapshotContents(app, snapshot, signal);
  await connection.removeSnapshot(snapshot, { signal });
  return {
    config: JSON.parse(JSON.stringify(contents.config)) as unknown,
    disks: contents.disks.map(({ key, capacityBytes }) => ({ key, capacityBytes })),
    folderPath: contents.placement.folderPath,
  };
}

function creation(parts: Awaited<ReturnType<typeof saved>>, marker = 'coldframe:a:9') {
  return { ...parts, name: 'copy of a/b', datastoreName: 'nfs1', keepIdentity: false, marker };
}

test('a VM is made like the saved one, with identity of its own', async () => {
  await using client = await labClient();
  const { connection, signal, app } = client;
  const parts = await saved(client);
  const made = await connection.createVm(creation(parts), signal);
  const [original, copy] = [
    await connection.getVm(app, signal),
    await connection.getVm(made, signal),
  ];
  assert.equal(copy.identity.name, 'copy of a/b');
  assert.notEqual(copy.identity.instanceUuid, original.identity.instanceUuid);
  assert.equal(copy.powerState, 'poweredOff');
  assert.equal(copy.hardwareVersion, original.hardwareVersion);
  assert.deepEqual(
    copy.disks.map(({ capacityBytes, controller }) => [
      capacityBytes,
      controller.kind,
      controller.bus,
      controller.unit,
    ]),
    original.disks.map(({ capacityBytes, controller }) => [
      capacityBytes,
      controller.kind,
      controller.bus,
      controller.unit,
    ]),
  );
  for (const disk of copy.disks) assert.match(disk.backing.fileName, /^\[nfs1\] /);
  assert.deepEqual(await connection.findMarkedVms('coldframe:a:9', signal), [made]);
  assert.deepEqual(await connection.findMarkedVms('coldframe:a:8', signal), []);
  const config = (await connection.listVms(signal)).find(
    ({ identity }) => identity.moref === made,
  )!;
  assert.equal(config.folderPath, parts.folderPath);
  await connection.destroyVm(made, signal);
  await connection.destroyVm(made, signal);
  assert.equal(await connection.findVm({ moref: made }, signal), undefined);
});

test('only the disks asked for are made, in the sizes asked for', async () => {
  await using client = await labClient();
  const { connection, signal } = client;
  const parts = await saved(client);
  const disks = [{ key: parts.disks[1]!.key, capacityBytes: 12 * mib }];
  const made = await connection.createVm({ ...creation(parts), disks }, signal);
  const { disks: found } = await connection.getVm(made, signal);
  assert.deepEqual(
    found.map(({ capacityBytes }) => capacityBytes),
    [12 * mib],
  );
});

test('the same VM can be brought back after it was lost', async () => {
  await using client = await labClient();
  const { connection, lab, signal, app } = client;
  const parts = await saved(client);
  const { identity } = await connection.getVm(app, signal);
  await connection.powerOff(app, signal);
  await lab.removeVm({ vm: app });
  const request = { ...creation(parts), name: 'demo-app', keepIdentity: true };
  const made = await connection.createVm(request, signal);
  const found = await connection.findVm(
    { instanceUuid: identity.instanceUuid, morefHint: app },
    signal,
  );
  assert.equal(found, made);
  assert.equal((await connection.getVm(made, signal)).identity.biosUuid, identity.biosUuid);
});

test('a VM whose answer was lost is found by its marker, and made once', async () => {
  await using client = await labClient({ taskMs: 100 });
  const { connection, lab, signal } = client;
  const parts = await saved(client);
  await lab.addFaults([{ on: 'CreateVM_Task', action: { kind: 'lose-answer' } }]);
  const made = await connection.createVm(creation(parts), signal);
  assert.deepEqual(await connection.findMarkedVms('coldframe:a:9', signal), [made]);
  assert.equal((await lab.counters())['CreateVM_Task'], 1);
  await lab.addFaults([{ on: 'Destroy_Task', action: { kind: 'lose-answer' } }]);
  await connection.destroyVm(made, signal);
  assert.equal(await connection.findVm({ moref: made }, signal), undefined);
});

test('a VM without our marker is never destroyed', async () => {
  await using client = await labClient();
  const { connection, lab, signal, app } = client;
  await assert.rejects(connection.destroyVm(app, signal), { code: 'internal', message: /marker/ });
  assert.equal((await lab.counters())['Destroy_Task'], undefined);
});

test('a folder or a network that is not there is said so', async () => {
  await using client = await labClient();
  const { connection, signal } = client;
  const parts = await saved(client);
  await assert.rejects(
    connection.createVm({ ...creation(parts), folderPath: 'Lab/vm/Nowhere' }, signal),
    {
      code: 'not-found',
      message: /no VM folder "Lab\/vm\/Nowhere"/,
    },
  );
  const networkMap = { 'VM Network': 'Nowhere' };
  await assert.rejects(connection.createVm({ ...creation(parts), networkMap }, signal), {
    code: 'invalid-input',
    message: /network "Nowhere" does not exist/,
  });
  assert.deepEqual(await connection.findMarkedVms('coldframe:a:9', signal), []);
  const made = await connection.createVm(
    { ...creation(parts), networkMap: { 'VM Network': 'Backup' } },
    signal,
  );
  assert.ok(made);
});

test('a made VM gets the NVRAM that was saved, and a refusal names the privilege', async () => {
  await using client = await labClient();
  const { connection, lab, signal, app } = client;
  const nvram = await connection.readNvram(app, signal);
  const made = await connection.createVm(creation(await saved(client)), signal);
  assert.notDeepEqual(await connection.readNvram(made, signal), nvram);
  await connection.writeNvram({ vmMoref: made, data: nvram! }, signal);
  assert.deepEqual(await connection.readNvram(made, signal), nvram);
  await lab.setPrivileges([{ privilege: 'Datastore.FileManagement' }]);
  await assert.rejects(connection.writeNvram({ vmMoref: made, data: nvram! }, signal), {
    code: 'no-permission',
    message: /Datastore\.FileManagement/,
  });
  await lab.setPrivileges([]);
});
