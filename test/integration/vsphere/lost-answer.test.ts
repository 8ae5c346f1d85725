import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labClient, type LabClient } from './lab-client.ts';

function loseAnswer(client: LabClient, on: string): Promise<void> {
  return client.lab.addFaults([{ on, action: { kind: 'lose-answer' } }]);
}

async function calls(client: LabClient, operation: string): Promise<number> {
  return (await client.lab.counters())[operation] ?? 0;
}

test('a snapshot whose answer was lost is found, and made once', async () => {
  await using client = await labClient({ taskMs: 200 });
  const { connection, signal, app } = client;
  await loseAnswer(client, 'CreateSnapshot_Task');
  const request = { vmMoref: app, name: 'n', description: 'coldframe:a:1', quiesce: false };
  const snapshot = await connection.createSnapshot(request, signal);
  const found = await connection.findSnapshots(app, signal);
  assert.deepEqual(
    found.map(({ moref }) => moref),
    [snapshot],
  );
  assert.equal(await calls(client, 'CreateSnapshot_Task'), 1);
});

test("somebody else's snapshot is not taken for ours", async () => {
  await using client = await labClient();
  const { connection, lab, signal, app } = client;
  await lab.addForeignSnapshot({ vm: app, name: 'theirs' });
  await lab.addFaults([{ on: 'CreateSnapshot_Task', action: { kind: 'drop' } }]);
  const request = { vmMoref: app, name: 'theirs', description: 'coldframe:a:1', quiesce: false };
  await assert.rejects(connection.createSnapshot(request, signal), { code: 'unreachable' });
  assert.equal((await connection.findSnapshots(app, signal)).length, 1);
});

test('a removal whose answer was lost is watched to its end', async () => {
  await using client = await labClient({ taskMs: 200 });
  const { connection, signal, app } = client;
  const request = { vmMoref: app, name: 'n', description: 'd', quiesce: false };
  const snapshot = await connection.createSnapshot(request, signal);
  await loseAnswer(client, 'RemoveSnapshot_Task');
  await connection.removeSnapshot(snapshot, { signal });
  assert.deepEqual(await connection.findSnapshots(app, signal), []);
  assert.equal(await calls(client, 'RemoveSnapshot_Task'), 1);
});

test('a removal that never arrived is an error', async () => {
  await using client = await labClient();
  const { connection, lab, signal, app } = client;
  const request = { vmMoref: app, name: 'n', description: 'd', quiesce: false };
  const snapshot = await connection.createSnapshot(request, signal);
  await lab.addFaults([{ on: 'RemoveSnapshot_Task', action: { kind: 'drop' } }]);
  await assert.rejects(connection.removeSnapshot(snapshot, { signal }), { code: 'unreachable' });
  assert.equal((await connection.findSnapshots(app, signal)).length, 1);
});

test('a snapshot that is gone already is what was wanted', async () => {
  await using client = await labClient();
  const { connection, signal, app } = client;
  const request = { vmMoref: app, name: 'n', description: 'd', quiesce: false };
  const snapshot = await connection.createSnapshot(request, signal);
  await connection.removeSnapshot(snapshot, { signal });
  await connection.removeSnapshot(snapshot, { signal });
});

test('power and settings reach their state although answers are lost', async () => {
  await using client = await labClient({ taskMs: 100 });
  const { connection, signal, app } = client;
  await loseAnswer(client, 'PowerOffVM_Task');
  await connection.powerOff(app, signal);
  assert.equal((await connection.getVm(app, signal)).powerState, 'poweredOff');
  await connection.powerOff(app, signal);
  await loseAnswer(client, 'PowerOnVM_Task');
  await connection.powerOn(app, signal);
  assert.equal((await connection.getVm(app, signal)).powerState, 'poweredOn');
  await loseAnswer(client, 'ReconfigVM_Task');
  await connection.setExtraConfig(app, 'coldframe.note', 'a <b> & c', signal);
  assert.equal(
    (await connection.getVm(app, signal)).extraConfig.get('coldframe.note'),
    'a <b> & c',
  );
  await connection.setExtraConfig(app, 'coldframe.note', '', signal);
  assert.equal((await connection.getVm(app, signal)).extraConfig.get('coldframe.note') ?? '', '');
});
