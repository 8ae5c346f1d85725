import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttachedDisk } from '#core/vm.ts';
import { labClient, type LabClient } from './lab-client.ts';

async function frozenDisks(client: LabClient) {
  const { connection, signal, app } = client;
  const request = { vmMoref: app, name: 'b', description: 'coldframe:t:1', quiesce: false };
  const snapshot = await connection.createSnapshot(request, signal);
  const { disks } = await connection.snapshotContents(app, snapshot, signal);
  return {
    snapshot,
    disks: disks.map(({ backing, capacityBytes }) => ({
      fileName: backing.fileName,
      capacityBytes,
      mode: 'independent_nonpersistent' as const,
    })),
  };
}

function places(attached: readonly AttachedDisk[]): readonly string[] {
  return attached.map(({ bus, unit }) => `${bus}:${unit}`);
}

test('disks are attached in one reconfigure, away from the first controller, and leave no trace', async () => {
  await using client = await labClient();
  const { connection, lab, signal, appliance } = client;
  const { snapshot, disks } = await frozenDisks(client);
  const before = (await lab.counters())['ReconfigVM_Task'] ?? 0;
  const attached = await connection.attachDisks({ vmMoref: appliance, disks }, signal);
  assert.equal((await lab.counters())['ReconfigVM_Task'], before + 1);
  assert.deepEqual(places(attached), ['1:0', '1:1']);
  assert.deepEqual(
    attached.map(({ fileName }) => fileName),
    disks.map(({ fileName }) => fileName),
  );
  const { attachments, vms } = await lab.state();
  assert.equal(attachments.length, 2);
  const source = vms.find(({ moref }) => moref === client.app)!;
  assert.deepEqual(
    attached.map(({ uuid }) => uuid),
    source.disks.map(({ uuid }) => uuid),
  );
  assert.deepEqual(await connection.listAttached(appliance, signal), attached);
  await connection.detachDisks(
    appliance,
    attached.map(({ key }) => key),
    signal,
  );
  assert.deepEqual((await lab.state()).attachments, []);
  await connection.detachDisks(
    appliance,
    attached.map(({ key }) => key),
    signal,
  );
  await connection.removeSnapshot(snapshot, { signal });
});

test('controllers are added when there is no room, up to four', async () => {
  await using client = await labClient();
  const { connection, lab, signal } = client;
  const helper = await lab.addVm({
    name: 'helper',
    poweredOn: true,
    disks: [{ sizeBytes: 1 << 20, thin: true, controller: 'lsilogic' }],
  });
  const { disks } = await frozenDisks(client);
  const attached = await connection.attachDisks({ vmMoref: helper.moref, disks }, signal);
  assert.deepEqual(places(attached), ['1:0', '1:1']);
  const details = await connection.getVm(helper.moref, signal);
  assert.equal(details.disks.at(-1)!.controller.kind, 'pvscsi');
  await connection.detachDisks(
    helper.moref,
    attached.map(({ key }) => key),
    signal,
  );
});

test('a detach that was already under way is as good as our own', async () => {
  await using client = await labClient();
  const { connection, lab, signal, appliance } = client;
  const { disks } = await frozenDisks(client);
  const attached = await connection.attachDisks({ vmMoref: appliance, disks }, signal);
  const keys = attached.map(({ key }) => key);
  await Promise.all([1, 2].map(() => connection.detachDisks(appliance, keys, signal)));
  assert.deepEqual((await lab.state()).attachments, []);
});

test("the VM's own disks are never detached", async () => {
  await using client = await labClient();
  const { connection, signal, appliance } = client;
  const [own] = (await connection.getVm(appliance, signal)).disks;
  await assert.rejects(connection.detachDisks(appliance, [own!.key], signal), {
    code: 'internal',
    message: /was not attached by coldframe/,
  });
  assert.equal((await connection.getVm(appliance, signal)).disks.length, 1);
});

test('one file twice is refused before anything is asked of vSphere', async () => {
  await using client = await labClient();
  const { disks } = await frozenDisks(client);
  const request = { vmMoref: client.appliance, disks: [disks[0]!, disks[0]!] };
  await assert.rejects(client.connection.attachDisks(request, client.signal), {
    code: 'invalid-input',
  });
});

test('a file that another attachment has locked is reported as busy', async () => {
  await using client = await labClient();
  const { connection, lab, signal, appliance } = client;
  const { disks } = await frozenDisks(client);
  await lab.addFaults([
    {
      on: 'ReconfigVM_Task',
      action: { kind: 'task-error', type: 'FileLocked', data: { file: 'x.vmdk' } },
    },
  ]);
  await assert.rejects(connection.attachDisks({ vmMoref: appliance, disks }, signal), {
    code: 'busy',
    message: /FileLocked/,
  });
  assert.deepEqual(await connection.listAttached(appliance, signal), []);
});

test('slots are planned again when somebody else has changed the appliance', async () => {
  await using client = await labClient();
  const { connection, lab, signal, appliance } = client;
  const { disks } = await frozenDisks(client);
  await lab.addFaults([
    { on: 'ReconfigVM_Task', action: { kind: 'task-error', type: 'ConcurrentAccess' } },
  ]);
  const attached = await connection.attachDisks({ vmMoref: appliance, disks }, signal);
  assert.equal(attached.length, 2);
  await connection.detachDisks(
    appliance,
    attached.map(({ key }) => key),
    signal,
  );
});

test('attaching and detaching survive lost answers', async () => {
  await using client = await labClient();
  const { connection, lab, signal, appliance } = client;
  const { disks } = await frozenDisks(client);
  await lab.addFaults([{ on: 'ReconfigVM_Task', action: { kind: 'lose-answer' } }]);
  const attached = await connection.attachDisks({ vmMoref: appliance, disks }, signal);
  assert.deepEqual(places(attached), ['1:0', '1:1']);
  assert.equal((await lab.counters())['ReconfigVM_Task'], 1);
  await lab.addFaults([{ on: 'ReconfigVM_Task', action: { kind: 'lose-answer' } }]);
  await connection.detachDisks(
    appliance,
    attached.map(({ key }) => key),
    signal,
  );
  assert.deepEqual((await lab.state()).attachments, []);
});

test('an attach that never arrived is an error, not a guess', async () => {
  await using client = await labClient();
  const { connection, lab, signal, appliance } = client;
  const { disks } = await frozenDisks(client);
  await lab.addFaults([{ on: 'ReconfigVM_Task', action: { kind: 'drop' } }]);
  await assert.rejects(connection.attachDisks({ vmMoref: appliance, disks }, signal), {
    code: 'unreachable',
  });
  assert.deepEqual((await lab.state()).attachments, []);
  assert.equal((await lab.counters())['ReconfigVM_Task'], 1);
});
