import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extentBytes } from '#core/extents.ts';
import { labClient, type LabClient } from './lab-client.ts';

const kib = 1024;
const mib = 1024 * kib;

function snapshotOf(client: LabClient, description = 'coldframe:test:1'): Promise<string> {
  const request = { vmMoref: client.app, name: 'backup', description, quiesce: true };
  return client.connection.createSnapshot(request, client.signal);
}

test('a snapshot is made, described, looked into and removed', async () => {
  await using client = await labClient();
  const { connection, signal, app } = client;
  const snapshot = await snapshotOf(client);
  const [found] = await connection.findSnapshots(app, signal);
  assert.equal(found!.moref, snapshot);
  assert.equal(found!.description, 'coldframe:test:1');
  const contents = await connection.snapshotContents(app, snapshot, signal);
  assert.deepEqual(
    contents.disks.map(({ backing }) => backing.fileName),
    ['[vmfs1] demo-app/demo-app.vmdk', '[vmfs1] demo-app/demo-app_1.vmdk'],
  );
  assert.match(contents.disks[0]!.changeId!, /\/\d+$/);
  assert.match(contents.configXml, /^<\?xml .*\n<config [^>]*xsi:type="VirtualMachineConfigInfo"/);
  assert.match(contents.configXml, /xmlns:xsi="/);
  assert.equal(contents.placement.folderPath, 'Lab/vm/Production');
  assert.deepEqual(
    contents.placement.datastores.map(({ name }) => name),
    ['vmfs1'],
  );
  const running = await connection.getVm(app, signal);
  assert.deepEqual(running.disks[0]!.backing.parents, ['[vmfs1] demo-app/demo-app.vmdk']);
  const percents: number[] = [];
  await connection.removeSnapshot(snapshot, {
    signal,
    onProgress: (percent) => percents.push(percent),
  });
  assert.deepEqual(await connection.findSnapshots(app, signal), []);
  assert.ok(percents.every((percent) => percent >= 0 && percent <= 100));
});

test('text in a description cannot become XML', async () => {
  await using client = await labClient();
  const hostile = '<![CDATA[x]]></description><memory>true</memory><description><![CDATA[y]]>';
  const snapshot = await snapshotOf(client, hostile);
  const [found] = await client.connection.findSnapshots(client.app, client.signal);
  assert.equal(found!.description, hostile);
  await client.connection.removeSnapshot(snapshot, { signal: client.signal });
});

test('changed areas cover what the guest wrote, over many short answers', async () => {
  const grain = 64 * kib;
  await using client = await labClient({
    trackingGrainBytes: grain,
    changedAreas: { perAnswer: 3, windowBytes: 5 * mib },
  });
  const { connection, lab, signal, app } = client;
  const first = await snapshotOf(client, 'one');
  const [disk] = (await connection.snapshotContents(app, first, signal)).disks;
  await connection.removeSnapshot(first, { signal });
  const offsets = [
    0,
    200 * kib,
    3 * mib,
    7 * mib,
    7 * mib + 300 * kib,
    15 * mib,
    16 * mib - 4 * kib,
  ];
  for (const [seed, offset] of offsets.entries())
    await lab.writeGuest({ vm: app, key: disk!.key, offset, seed, length: 4 * kib });
  const second = await snapshotOf(client, 'two');
  const request = {
    vmMoref: app,
    snapshotMoref: second,
    deviceKey: disk!.key,
    capacityBytes: disk!.capacityBytes,
  };
  const changed = await connection.changedAreas({ ...request, changeId: disk!.changeId! }, signal);
  const covers = (offset: number): boolean =>
    changed.some(
      (start, i) => i % 2 === 0 && start <= offset && offset + 4 * kib <= start + changed[i + 1]!,
    );
  for (const offset of offsets) assert.ok(covers(offset), `write at ${offset} is covered`);
  assert.ok(extentBytes(changed) <= offsets.length * grain);
  const [, again] = (await connection.snapshotContents(app, second, signal)).disks;
  const unchanged = await connection.changedAreas(
    {
      ...request,
      deviceKey: again!.key,
      capacityBytes: again!.capacityBytes,
      changeId: again!.changeId!,
    },
    signal,
  );
  assert.equal(extentBytes(unchanged), 0);
  const allocated = await connection.changedAreas({ ...request, changeId: '*' }, signal);
  assert.ok(extentBytes(allocated) > 0);
  assert.ok(((await lab.counters())['QueryChangedDiskAreas'] ?? 0) > 6);
});

test('a changeId of another life of the disk is refused, not answered with nothing', async () => {
  await using client = await labClient();
  const snapshot = await snapshotOf(client);
  const [disk] = (await client.connection.snapshotContents(client.app, snapshot, client.signal))
    .disks;
  const request = {
    vmMoref: client.app,
    snapshotMoref: snapshot,
    deviceKey: disk!.key,
    capacityBytes: disk!.capacityBytes,
    changeId: '52 00 00 00 00 00 00 00-00 00 00 00 00 00 00 00/1',
  };
  await assert.rejects(
    client.connection.changedAreas(request, client.signal),
    (error: Error & { details?: { fault?: string } }) => {
      assert.match(error.details?.fault ?? '', /FileFault|InvalidArgument/);
      return true;
    },
  );
});

test('change tracking is switched', async () => {
  await using client = await labClient();
  const { connection, signal, app } = client;
  await connection.setChangeTracking(app, false, signal);
  const request = { vmMoref: app, name: 'n', description: 'd', quiesce: false };
  await connection.removeSnapshot(await connection.createSnapshot(request, signal), { signal });
  const details = await connection.getVm(app, signal);
  assert.equal(details.changeTrackingEnabled, false);
  assert.equal(details.disks[0]!.changeId, undefined);
});

test('removing a snapshot whose disk is attached leaves a VM that needs consolidation, which then works', async () => {
  await using client = await labClient();
  const { connection, signal, app, appliance } = client;
  const snapshot = await snapshotOf(client);
  const { disks } = await connection.snapshotContents(app, snapshot, signal);
  const attached = await connection.attachDisks(
    {
      vmMoref: appliance,
      disks: disks.map(({ backing, capacityBytes }) => ({
        fileName: backing.fileName,
        capacityBytes,
        mode: 'independent_nonpersistent' as const,
      })),
    },
    signal,
  );
  await connection.removeSnapshot(snapshot, { signal }).catch(() => undefined);
  assert.equal((await connection.getVm(app, signal)).consolidationNeeded, true);
  await connection.detachDisks(
    appliance,
    attached.map(({ key }) => key),
    signal,
  );
  await connection.consolidate(app, { signal });
  const details = await connection.getVm(app, signal);
  assert.equal(details.consolidationNeeded, false);
  assert.deepEqual(details.disks[0]!.backing.parents, []);
});
