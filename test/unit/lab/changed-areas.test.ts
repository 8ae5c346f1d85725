import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import type { Lab, LabOptions } from '#test/lab/lab.ts';
import { demoVm, smallLab } from './lab-fixture.ts';
import { child, SoapClient, SoapFault, textAt } from './soap-client.ts';

interface Area {
  readonly start: number;
  readonly length: number;
}

/** Everything that a test of one disk needs. */
async function trackedDisk(lab: Lab): Promise<{
  vm: string;
  key: number;
  client: SoapClient;
  snapshot(): Promise<{ moref: string; changeId: string }>;
  changed(snapshot: string, changeId: string): Promise<{ areas: Area[]; pages: number }>;
}> {
  const { moref: vm, data: key } = await demoVm(lab);
  const client = await SoapClient.login(lab);
  const size = 8 * 1024 * 1024;
  return {
    vm,
    key,
    client,
    snapshot: async () => {
      const moref = await client.task(
        'CreateSnapshot_Task',
        `<_this type="VirtualMachine">${vm}</_this><name>s</name><memory>false</memory><quiesce>false</quiesce>`,
      );
      const devices = await client.properties(`VirtualMachineSnapshot:${moref}`, [
        `config.hardware.device[${key}]`,
      ]);
      const disk = devices.get(`config.hardware.device[${key}]`)!;
      return { moref, changeId: textAt(disk, 'backing', 'changeId') ?? '' };
    },
    changed: async (snapshot, changeId) => {
      const areas: Area[] = [];
      let pages = 0;
      for (let offset = 0; offset < size; pages++) {
        const answer = child(
          await client.call(
            'QueryChangedDiskAreas',
            query({ vm, snapshot, key, offset, changeId }),
          ),
          'returnval',
        );
        assert.equal(Number(textAt(answer, 'startOffset')), offset);
        const length = Number(textAt(answer, 'length'));
        assert.ok(length > 0);
        for (const area of answer.children.filter((each) => each.name === 'changedArea'))
          areas.push({
            start: Number(textAt(area, 'start')),
            length: Number(textAt(area, 'length')),
          });
        offset += length;
      }
      return { areas, pages };
    },
  };
}

function query(of: {
  vm: string;
  snapshot: string;
  key: number;
  offset: number;
  changeId: string;
}): string {
  return `<_this type="VirtualMachine">${of.vm}</_this><snapshot type="VirtualMachineSnapshot">${of.snapshot}</snapshot><deviceKey>${of.key}</deviceKey><startOffset>${of.offset}</startOffset><changeId>${of.changeId}</changeId>`;
}

function covers(areas: readonly Area[], start: number, length: number): boolean {
  return areas.some((area) => area.start <= start && area.start + area.length >= start + length);
}

async function tracked(
  options: Partial<LabOptions> = {},
): Promise<{ lab: Lab; on: Awaited<ReturnType<typeof trackedDisk>> }> {
  const lab = await smallLab(options);
  return { lab, on: await trackedDisk(lab) };
}

function faultOf(type: string, property?: string): (thrown: unknown) => boolean {
  return (thrown) =>
    thrown instanceof SoapFault &&
    thrown.type === type &&
    (property === undefined || textAt(thrown.detail, 'invalidProperty') === property);
}

test('changed areas are what was written between two snapshots, in 64 KiB blocks', async () => {
  const { lab, on } = await tracked();
  await using _ = lab;
  const first = await on.snapshot();
  await lab.writeGuest({ vm: on.vm, key: on.key, offset: 100_000, seed: 3, length: 10 });
  await lab.trim({ vm: on.vm, key: on.key, offset: 1_048_576, length: 65_536 });
  const second = await on.snapshot();
  await lab.writeGuest({ vm: on.vm, key: on.key, offset: 4_000_000, seed: 4, length: 10 });
  const { areas } = await on.changed(second.moref, first.changeId);
  assert.deepEqual(areas, [
    { start: 65_536, length: 65_536 },
    { start: 1_048_576, length: 65_536 },
  ]);
  const third = await on.snapshot();
  const since = await on.changed(third.moref, first.changeId);
  assert.ok(covers(since.areas, 100_000, 10) && covers(since.areas, 4_000_000, 10));
  assert.deepEqual((await on.changed(second.moref, second.changeId)).areas, []);
});

test('answers come in pages: few areas, or a window of the disk', async () => {
  const { lab, on } = await tracked({ changedAreas: { perAnswer: 2, windowBytes: 1 } });
  await using _ = lab;
  const first = await on.snapshot();
  const offsets = [0, 200_000, 400_000, 600_000, 5_000_000, 8_388_607];
  for (const offset of offsets)
    await lab.writeGuest({ vm: on.vm, key: on.key, offset, seed: 1, length: 1 });
  const second = await on.snapshot();
  const { areas, pages } = await on.changed(second.moref, first.changeId);
  assert.ok(pages >= 8, `${pages} pages`);
  for (const offset of offsets) assert.ok(covers(areas, offset, 1), `${offset}`);
  assert.equal(
    areas.reduce((sum, area) => sum + area.length, 0),
    offsets.length * 65_536,
  );
});

test('"*" gives the areas in use, the whole disk on NFS', async () => {
  await using lab = await smallLab();
  const on = await trackedDisk(lab);
  const { moref } = await on.snapshot();
  const { areas } = await on.changed(moref, '*');
  const bytes = await readFile(path.join(lab.captureDir, moref, `${on.key}.raw`));
  for (let at = 0; at < bytes.length; at += 65_536)
    if (bytes.subarray(at, at + 65_536).some((byte) => byte !== 0))
      assert.ok(covers(areas, at, 65_536), `${at}`);

  const nfs = await lab.addVm({
    name: 'on-nfs',
    datastore: 'nfs1',
    poweredOn: true,
    changeTracking: true,
    disks: [{ sizeBytes: 8 * 1024 * 1024 }],
  });
  const client = on.client;
  const snapshot = await client.task(
    'CreateSnapshot_Task',
    `<_this type="VirtualMachine">${nfs.moref}</_this><name>s</name><memory>false</memory><quiesce>false</quiesce>`,
  );
  const answer = await client.call(
    'QueryChangedDiskAreas',
    query({ vm: nfs.moref, snapshot, key: nfs.disks[0]!.key, offset: 0, changeId: '*' }),
  );
  assert.equal(textAt(answer, 'returnval', 'changedArea', 'length'), '8388608');
});

test('bad questions: changeId, device, offset, another history', async () => {
  const { lab, on } = await tracked();
  await using _ = lab;
  const { moref: snapshot, changeId } = await on.snapshot();
  const ask = async (change: Partial<Parameters<typeof query>[0]>): Promise<unknown> =>
    await on.client.call(
      'QueryChangedDiskAreas',
      query({ vm: on.vm, snapshot, key: on.key, offset: 0, changeId, ...change }),
    );
  await assert.rejects(ask({ changeId: 'nonsense' }), faultOf('InvalidArgument', 'changeId'));
  await assert.rejects(
    ask({ changeId: changeId.replace(/\/.*/, '/99') }),
    faultOf('InvalidArgument', 'changeId'),
  );
  await assert.rejects(ask({ key: 4711 }), faultOf('InvalidArgument', 'deviceKey'));
  await assert.rejects(ask({ offset: 8_388_608 }), faultOf('InvalidArgument', 'startOffset'));
  const other = '52 00 00 00 00 00 00 00-00 00 00 00 00 00 00 00/1';
  await assert.rejects(ask({ changeId: other }), faultOf('FileFault'));
  await assert.rejects(ask({ snapshot: 'snapshot-9' }), faultOf('ManagedObjectNotFound'));
});

test('tracking begins at the stun after it was switched on, and anew after resize, revert and foreign writes', async () => {
  await using lab = await smallLab();
  const { moref: vm, data: key } = await demoVm(lab);
  const client = await SoapClient.login(lab);
  const on = await trackedDisk(lab);
  const running = async (): Promise<string | undefined> =>
    (await lab.state()).vms
      .find((each) => each.moref === vm)!
      .disks.find((each) => each.key === key)!.changeId;
  const setTracking = async (enabled: boolean): Promise<string> =>
    await client.task(
      'ReconfigVM_Task',
      `<_this type="VirtualMachine">${vm}</_this><spec><changeTrackingEnabled>${enabled}</changeTrackingEnabled></spec>`,
    );

  const first = await on.snapshot();
  await setTracking(false);
  assert.notEqual(await running(), undefined);
  const untracked = await on.snapshot();
  assert.equal(untracked.changeId, '');
  await assert.rejects(on.changed(untracked.moref, first.changeId), faultOf('FileFault'));
  await setTracking(true);
  assert.equal(await running(), undefined);
  const again = await on.snapshot();
  assert.notEqual(again.changeId.split('/')[0], first.changeId.split('/')[0]);
  await client.task(
    'RevertToSnapshot_Task',
    `<_this type="VirtualMachineSnapshot">${again.moref}</_this>`,
  );
  const reverted = await running();
  assert.notEqual(reverted?.split('/')[0], again.changeId.split('/')[0]);
  await client.task('RemoveAllSnapshots_Task', `<_this type="VirtualMachine">${vm}</_this>`);
  await lab.resizeDisk({ vm, key, sizeBytes: 9 * 1024 * 1024 });
  const resized = await running();
  assert.notEqual(resized?.split('/')[0], reverted?.split('/')[0]);

  await client.task('PowerOnVM_Task', `<_this type="VirtualMachine">${vm}</_this>`);
  assert.equal(await running(), resized);
  await lab.power({ vm, on: false });
  const { path: raw } = await lab.diskPath({ vm, key });
  const { open } = await import('node:fs/promises');
  await using file = await open(raw!, 'r+');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await file.write(Buffer.from('restored'), 0, 8, 0);
  await lab.power({ vm, on: true });
  assert.notEqual((await running())?.split('/')[0], resized?.split('/')[0]);
});

test('changed areas of random writes and trims rebuild every snapshot from the one before', async () => {
  const { lab, on } = await tracked();
  await using _ = lab;
  await lab.startGuestWriter({ vm: on.vm, bytesPerSecond: 2_000_000, seed: 42 });
  let previous = await on.snapshot();
  let image = await readFile(path.join(lab.captureDir, previous.moref, `${on.key}.raw`));
  for (let round = 0; round < 4; round++) {
    await lab.trim({ vm: on.vm, key: on.key, offset: round * 700_000, length: 300_000 });
    await new Promise((resolve) => setTimeout(resolve, 60));
    const next = await on.snapshot();
    const wanted = await readFile(path.join(lab.captureDir, next.moref, `${on.key}.raw`));
    const rebuilt = Buffer.from(image);
    const { areas } = await on.changed(next.moref, previous.changeId);
    assert.ok(areas.length > 0);
    for (const { start, length } of areas) wanted.copy(rebuilt, start, start, start + length);
    assert.ok(rebuilt.equals(wanted), `round ${round}`);
    await on.client.task(
      'RemoveSnapshot_Task',
      `<_this type="VirtualMachineSnapshot">${previous.moref}</_this><removeChildren>false</removeChildren>`,
    );
    [previous, image] = [next, wanted];
  }
  const { writtenBytes } = await lab.stopGuestWriter({ vm: on.vm });
  assert.ok(writtenBytes > 0);
});
