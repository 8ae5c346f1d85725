import assert from 'node:assert/strict';
import { test } from 'node:test';

import { vcsimClient, vmNamed } from './vcsim-client.ts';

const mib = 1024 * 1024;

test('a snapshot is made, found and removed; govc sees the same tree', async () => {
  await using client = await vcsimClient();
  const { connection, govc, signal } = client;
  const vmMoref = await vmNamed(client, 'DC0_H0_VM0');
  const snapshot = await connection.createSnapshot(
    { vmMoref, name: 'coldframe run', description: 'coldframe:a:1', quiesce: true },
    signal,
  );
  assert.match(await govc('snapshot.tree', '-vm', 'DC0_H0_VM0'), /coldframe run/);
  const [found] = await connection.findSnapshots(vmMoref, signal);
  assert.deepEqual([found?.moref, found?.description], [snapshot, 'coldframe:a:1']);
  const contents = await connection.snapshotContents(vmMoref, snapshot, signal);
  assert.match(contents.configXml, /<instanceUuid>/);
  assert.equal(contents.disks.length, 1);
  await connection.removeSnapshot(snapshot, { signal });
  assert.equal((await govc('snapshot.tree', '-vm', 'DC0_H0_VM0')).trim(), '');
  await connection.removeSnapshot(snapshot, { signal });
});

test('a snapshot whose answer was lost is found by its marker, and there is only one', async () => {
  await using client = await vcsimClient();
  const { connection, signal, proxy } = client;
  const vmMoref = await vmNamed(client, 'DC0_H0_VM0');
  const operation = 'CreateSnapshot_Task';
  proxy.fault({ on: operation, action: 'lose-answer' });
  const snapshot = await connection.createSnapshot(
    { vmMoref, name: 'n', description: 'coldframe:a:2', quiesce: false },
    signal,
  );
  const found = await connection.findSnapshots(vmMoref, signal);
  assert.deepEqual(
    found.map(({ moref }) => moref),
    [snapshot],
  );
  assert.equal(proxy.calls.filter((call) => call === operation).length, 1);
});

test('a VM that is busy is asked again', async () => {
  await using client = await vcsimClient();
  const { connection, signal, proxy } = client;
  const vmMoref = await vmNamed(client, 'DC0_H0_VM0');
  proxy.fault({ on: 'ReconfigVM_Task', action: 'task-in-progress' });
  await connection.setExtraConfig(vmMoref, 'coldframe.test', 'v-1', signal);
  assert.equal((await connection.getVm(vmMoref, signal)).extraConfig.get('coldframe.test'), 'v-1');
  assert.equal(proxy.calls.filter((call) => call === 'ReconfigVM_Task').length, 2);
});

test('settings and power are changed as govc reads them', async () => {
  await using client = await vcsimClient();
  const { connection, govc, signal } = client;
  const vmMoref = await vmNamed(client, 'DC0_H0_VM0');
  await connection.setChangeTracking(vmMoref, true, signal);
  const property = async (path: string): Promise<string> =>
    (await govc('object.collect', '-s', `VirtualMachine:${vmMoref}`, path)).trim();
  assert.equal(await property('config.changeTrackingEnabled'), 'true');
  await connection.powerOff(vmMoref, signal);
  await connection.powerOff(vmMoref, signal);
  assert.equal(await property('runtime.powerState'), 'poweredOff');
  await connection.powerOn(vmMoref, signal);
  assert.equal(await property('runtime.powerState'), 'poweredOn');
});

test('disks of another VM are attached away from the first controller, and let go with their files', async () => {
  await using client = await vcsimClient();
  const { connection, govc, signal } = client;
  const [source, self] = [await vmNamed(client, 'DC0_H0_VM0'), await vmNamed(client, 'DC0_H0_VM1')];
  await govc('device.scsi.add', '-vm', 'DC0_H0_VM1', '-type', 'pvscsi');
  const { disks } = await connection.getVm(source, signal);
  const attached = await connection.attachDisks(
    {
      vmMoref: self,
      disks: disks.map(({ backing, capacityBytes }) => ({
        fileName: backing.fileName,
        capacityBytes,
        mode: 'independent_nonpersistent' as const,
      })),
    },
    signal,
  );
  assert.equal(attached.length, 1);
  assert.notEqual(attached[0]!.bus, 0);
  const devices = async (): Promise<string> => govc('device.ls', '-vm', 'DC0_H0_VM1');
  assert.equal((await devices()).match(/^disk-/gm)?.length, 2);
  await connection.detachDisks(
    self,
    attached.map(({ key }) => key),
    signal,
  );
  assert.equal((await devices()).match(/^disk-/gm)?.length, 1);
  // Detaching must never have deleted the file of the other VM's disk.
  const file = disks[0]!.backing.fileName.replace(/^\[.*?\] /, '');
  assert.match(await govc('device.info', '-vm', 'DC0_H0_VM0', 'disk-*'), new RegExp(file));
});

test('changed areas are asked for until the capacity is reached', async () => {
  const asked: number[] = [];
  await using client = await vcsimClient({
    answers: {
      QueryChangedDiskAreas: (call) => {
        const start = Number(call.children.find(({ name }) => name === 'startOffset')!.text);
        asked.push(start);
        return `<returnval><startOffset>${start}</startOffset><length>${4 * mib}</length><changedArea><start>${start + mib}</start><length>${mib}</length></changedArea></returnval>`;
      },
    },
  });
  const { connection, signal } = client;
  const extents = await connection.changedAreas(
    {
      vmMoref: await vmNamed(client, 'DC0_H0_VM0'),
      snapshotMoref: 'snapshot-1',
      deviceKey: 2000,
      capacityBytes: 10 * mib,
      changeId: '52 de/12',
    },
    signal,
  );
  assert.deepEqual(asked, [0, 4 * mib, 8 * mib]);
  assert.deepEqual([...extents], [mib, mib, 5 * mib, mib, 9 * mib, mib]);
});

test('a VM is made from a saved configuration, found by its marker, and destroyed', async () => {
  await using client = await vcsimClient();
  const { connection, govc, signal, proxy } = client;
  const vmMoref = await vmNamed(client, 'DC0_H0_VM0');
  const vm = ['-vm', 'DC0_H0_VM0'];
  const controller = (await govc('device.scsi.add', ...vm, '-type', 'lsilogic-sas')).trim();
  const disk = ['-name', 'data', '-size', '10M', '-controller', controller];
  await govc('vm.disk.create', ...vm, ...disk);
  const snapshot = await connection.createSnapshot(
    { vmMoref, name: 'n', description: 'd', quiesce: false },
    signal,
  );
  const { config, disks, placement } = await connection.snapshotContents(vmMoref, snapshot, signal);
  proxy.fault({ on: 'CreateVM_Task', action: 'lose-answer' });
  const made = await connection.createVm(
    {
      config: JSON.parse(JSON.stringify(config)) as unknown,
      disks: disks.map(({ key }) => ({ key, capacityBytes: 6 * mib })),
      folderPath: placement.folderPath,
      name: 'brought back',
      datastoreName: 'LocalDS_0',
      keepIdentity: false,
      marker: 'coldframe:a:3',
    },
    signal,
  );
  assert.deepEqual(await connection.findMarkedVms('coldframe:a:3', signal), [made]);
  assert.equal(
    (await govc('find', '/', '-type', 'm', '-name', 'brought back')).trim().split('\n').length,
    1,
  );
  const [original, copy] = [
    await connection.getVm(vmMoref, signal),
    await connection.getVm(made, signal),
  ];
  assert.equal(copy.powerState, 'poweredOff');
  assert.deepEqual(
    copy.disks.map(({ capacityBytes, controller }) => [
      capacityBytes,
      controller.kind,
      controller.unit,
    ]),
    original.disks.map(({ controller }) => [6 * mib, controller.kind, controller.unit]),
  );
  assert.deepEqual(
    copy.disks.map(({ controller }) => controller.kind),
    ['pvscsi', 'lsilogic-sas'],
  );
  await connection.destroyVm(made, signal);
  assert.equal(await connection.findVm({ moref: made }, signal), undefined);
  await assert.rejects(connection.destroyVm(vmMoref, signal), /does not carry coldframe's marker/);
});
