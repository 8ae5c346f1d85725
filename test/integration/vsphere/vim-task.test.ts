import assert from 'node:assert/strict';
import { test } from 'node:test';
import { impatientClock, labClient } from './lab-client.ts';

test('many tasks are watched by one loop', async () => {
  await using client = await labClient({ taskMs: 150 });
  const { connection, lab, signal } = client;
  const vms = [];
  for (let i = 0; i < 8; i++)
    vms.push(await lab.addVm({ name: `m${i}`, disks: [{ sizeBytes: 1 << 20, thin: true }] }));
  const snapshots = await Promise.all(
    vms.map(({ moref }) =>
      connection.createSnapshot(
        { vmMoref: moref, name: 'n', description: moref, quiesce: false },
        signal,
      ),
    ),
  );
  assert.equal(new Set(snapshots).size, 8);
  assert.equal((await lab.counters())['CreatePropertyCollector'], 1);
  await Promise.all(snapshots.map((snapshot) => connection.removeSnapshot(snapshot, { signal })));
  const counters = await lab.counters();
  assert.equal(counters['CreatePropertyCollector'], 1);
  assert.ok((counters['WaitForUpdatesEx'] ?? 0) < 80, 'it waits, it does not poll');
});

test('a busy VM is tried again', async () => {
  await using client = await labClient();
  const { connection, lab, signal, app } = client;
  const type = 'TaskInProgress';
  const data = { task: { type: 'Task', value: 'task-77' } };
  await lab.addFaults([
    { on: 'CreateSnapshot_Task', times: 2, action: { kind: 'soap-fault', type, data } },
    { on: 'RemoveSnapshot_Task', action: { kind: 'task-error', type, data } },
  ]);
  const request = { vmMoref: app, name: 'n', description: 'd', quiesce: false };
  const snapshot = await connection.createSnapshot(request, signal);
  await connection.removeSnapshot(snapshot, { signal });
  const counters = await lab.counters();
  assert.equal(counters['CreateSnapshot_Task'], 3);
  assert.equal(counters['RemoveSnapshot_Task'], 2);
  assert.deepEqual(await connection.findSnapshots(app, signal), []);
});

test('a task that fails says what vSphere said', async () => {
  await using client = await labClient();
  const { connection, lab, signal, app } = client;
  await lab.addFaults([
    {
      on: 'CreateSnapshot_Task',
      action: {
        kind: 'task-error',
        type: 'ApplicationQuiesceFault',
        message: 'VSS writer timed out',
      },
    },
  ]);
  await assert.rejects(
    connection.createSnapshot({ vmMoref: app, name: 'n', description: 'd', quiesce: true }, signal),
    (error: Error & { code?: string; details?: Record<string, unknown> }) => {
      assert.equal(error.code, 'vsphere-fault');
      assert.equal(error.details?.['fault'], 'ApplicationQuiesceFault');
      assert.equal(error.details?.['object'], app);
      assert.match(error.message, /VSS writer timed out/);
      return true;
    },
  );
});

test('waiting for a task that never ends can be stopped', async () => {
  await using client = await labClient();
  const { connection, lab, signal, app } = client;
  await lab.addFaults([{ on: 'RemoveSnapshot_Task', action: { kind: 'task-never-ends' } }]);
  const request = { vmMoref: app, name: 'n', description: 'd', quiesce: false };
  const snapshot = await connection.createSnapshot(request, signal);
  const stop = new AbortController();
  const removal = connection.removeSnapshot(snapshot, { signal: stop.signal });
  while ((await lab.state()).openTasks.length === 0) await new Promise((r) => setTimeout(r, 10));
  setTimeout(() => stop.abort(), 50);
  await assert.rejects(removal, { code: 'cancelled' });
  assert.equal((await connection.getVm(app, signal)).identity.name, 'demo-app');
});

test('a task that never ends runs into its deadline', async () => {
  await using client = await labClient({ clock: impatientClock(600_000, 1000) });
  const { connection, lab, signal, app } = client;
  await lab.addFaults([{ on: 'PowerOffVM_Task', action: { kind: 'task-never-ends' } }]);
  await assert.rejects(connection.powerOff(app, signal), (error: Error & { code?: string }) => {
    assert.match(error.code ?? '', /timeout/);
    return true;
  });
});

test('a watch that breaks is taken up again without losing the end', async () => {
  await using client = await labClient({ taskMs: 400 });
  const { connection, lab, signal, app } = client;
  await lab.addFaults([
    { on: 'WaitForUpdatesEx', times: 2, action: { kind: 'drop' } },
    { on: 'WaitForUpdatesEx', skip: 2, action: { kind: 'http-503' } },
    { on: 'WaitForUpdatesEx', skip: 3, action: { kind: 'lose-answer' } },
    {
      on: 'WaitForUpdatesEx',
      skip: 4,
      action: { kind: 'soap-fault', type: 'InvalidCollectorVersion' },
    },
  ]);
  const request = { vmMoref: app, name: 'n', description: 'd', quiesce: false };
  const snapshot = await connection.createSnapshot(request, signal);
  await connection.removeSnapshot(snapshot, { signal });
  assert.ok(client.messages.some((message) => /interrupted/.test(message)));
});

test('a watch goes on after the login expired in the middle', async () => {
  await using client = await labClient({ taskMs: 500 });
  const { connection, lab, signal, app } = client;
  const request = { vmMoref: app, name: 'n', description: 'd', quiesce: false };
  const creation = connection.createSnapshot(request, signal);
  while ((await lab.state()).openTasks.length === 0) await new Promise((r) => setTimeout(r, 10));
  await lab.expireConnections();
  const snapshot = await creation;
  assert.equal((await connection.findSnapshots(app, signal))[0]!.moref, snapshot);
});

test('reading is repeated over broken connections, and given up in the end', async () => {
  await using client = await labClient();
  const { connection, lab, signal, app } = client;
  await lab.addFaults([
    { on: 'RetrievePropertiesEx', action: { kind: 'drop' } },
    { on: 'RetrievePropertiesEx', skip: 1, action: { kind: 'http-503' } },
    { on: 'RetrievePropertiesEx', skip: 2, action: { kind: 'lose-answer' } },
  ]);
  assert.equal((await connection.getVm(app, signal)).identity.name, 'demo-app');
  await lab.addFaults([{ on: 'RetrievePropertiesEx', times: 50, action: { kind: 'drop' } }]);
  await assert.rejects(connection.getVm(app, signal), { code: 'unreachable' });
});

test('a call that is never answered runs into its deadline', async () => {
  await using client = await labClient({ clock: impatientClock(120_000, 1500) });
  await client.lab.addFaults([{ on: 'RetrievePropertiesEx', action: { kind: 'hang' } }]);
  await assert.rejects(client.connection.getVm(client.app, client.signal), {
    code: 'timeout',
    message: /RetrievePropertiesEx at .* did not finish within 120 seconds/,
  });
});

test('a missing privilege is named with its object', async () => {
  await using client = await labClient();
  await client.lab.addFaults([
    {
      on: 'CreateSnapshot_Task',
      action: {
        kind: 'soap-fault',
        type: 'NoPermission',
        data: {
          object: { type: 'VirtualMachine', value: client.app },
          privilegeId: 'VirtualMachine.State.CreateSnapshot',
        },
      },
    },
  ]);
  const request = { vmMoref: client.app, name: 'n', description: 'd', quiesce: false };
  await assert.rejects(client.connection.createSnapshot(request, client.signal), {
    code: 'no-permission',
    message: /lacks the privilege VirtualMachine\.State\.CreateSnapshot on .*demo-app/,
  });
});

test('making a snapshot that is given up is cancelled at the server', async () => {
  await using client = await labClient();
  const { connection, lab, signal, app } = client;
  await lab.addFaults([{ on: 'CreateSnapshot_Task', action: { kind: 'task-never-ends' } }]);
  const stop = new AbortController();
  const request = { vmMoref: app, name: 'n', description: 'd', quiesce: true };
  const creation = connection.createSnapshot(request, stop.signal);
  while ((await lab.state()).openTasks.length === 0) await new Promise((r) => setTimeout(r, 10));
  await new Promise((r) => setTimeout(r, 150));
  stop.abort();
  await assert.rejects(creation, { code: 'cancelled' });
  for (let i = 0; i < 100 && (await lab.state()).openTasks.length > 0; i++)
    await new Promise((r) => setTimeout(r, 20));
  assert.deepEqual((await lab.state()).openTasks, []);
  assert.deepEqual(await connection.findSnapshots(app, signal), []);
});

test('a server without the old call makes snapshots by the new one', async () => {
  await using client = await labClient();
  const { connection, lab, signal, app } = client;
  const data = { receiver: { type: 'VirtualMachine', value: app }, method: 'CreateSnapshot_Task' };
  await lab.addFaults([
    { on: 'CreateSnapshot_Task', action: { kind: 'soap-fault', type: 'MethodNotFound', data } },
  ]);
  const request = { vmMoref: app, name: 'n', description: 'd', quiesce: true };
  const snapshot = await connection.createSnapshot(request, signal);
  assert.equal((await lab.counters())['CreateSnapshotEx_Task'], 1);
  await connection.removeSnapshot(snapshot, { signal });
});

test('closing the connection ends what waits on it, and leaves nothing at the server', async () => {
  await using client = await labClient();
  const { connection, lab, signal, app } = client;
  await lab.addFaults([{ on: 'PowerOffVM_Task', action: { kind: 'task-never-ends' } }]);
  const waiting = assert.rejects(connection.powerOff(app, signal), { code: 'cancelled' });
  while ((await lab.state()).openTasks.length === 0) await new Promise((r) => setTimeout(r, 10));
  await new Promise((r) => setTimeout(r, 100));
  await connection[Symbol.asyncDispose]();
  await waiting;
  const counters = await lab.counters();
  assert.equal(counters['DestroyPropertyCollector'], counters['CreatePropertyCollector']);
  assert.equal((await lab.state()).connections, 0);
});
