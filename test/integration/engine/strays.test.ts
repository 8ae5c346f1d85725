import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backUpVm } from '#engine/back-up-vm.ts';
import { listStrays, releaseStrays } from '#engine/strays.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';

function strayTools({ bench, signal }: LabGround) {
  const context = { ...bench.context, journal: bench.catalog.journal };
  const request = { endpoint: bench.endpoint, foreignAfterDays: 0 };
  return {
    list: async () =>
      (await listStrays(context, request, signal)).map(({ kind, release }) => `${kind} ${release}`),
    ids: async () => (await listStrays(context, request, signal)).map(({ id }) => id),
    release: (ids?: readonly string[]) => releaseStrays(context, { ...request, ids }, signal),
  };
}

test('what a lost journal entry leaves is released, disks before the snapshot they hold', async () => {
  await using ground = await labGround({ vddk: false });
  const { lab, bench, connection, signal } = ground;
  await backUpVm(bench.context, bench.backup(), { signal }); // the journal has seen the disks
  const { moref, disks } = await ground.vm('demo-app');
  const appliance = await ground.vm('coldframe');
  const description = `lost ${bench.context.applianceId}: coldframe:${bench.context.applianceId}:gone`;
  await lab.addForeignSnapshot({ vm: 'demo-app', name: 'n', description });
  const [disk] = disks;
  await connection.attachDisks(
    {
      vmMoref: appliance.moref,
      disks: [
        {
          fileName: disk!.fileName,
          capacityBytes: disk!.sizeBytes,
          mode: 'independent_nonpersistent',
        },
      ],
    },
    signal,
  );
  const { list, ids, release } = strayTools(ground);
  assert.deepEqual(await list(), ['attached-disk ours', 'snapshot ours']);
  const [, snapshotId] = await ids();
  const early = await release([snapshotId!]);
  assert.match(early.left[0]!.reason, /still attached/);
  assert.equal((await ground.vm('demo-app')).snapshots.length, 1, moref);

  const { released, left } = await release();
  assert.deepEqual([released.length, left], [2, []]);
  await ground.assertTidy();
  assert.deepEqual(await list(), []);
});

test('what is not provably ours is told and left alone', async () => {
  await using ground = await labGround({ vddk: false });
  const { lab } = ground;
  await lab.addForeignSnapshot({ vm: 'demo-app', name: 'by hand' });
  const { list, ids, release } = strayTools(ground);
  assert.deepEqual(await list(), ['foreign-snapshot never']);
  assert.deepEqual(await release(), { released: [], left: [] });
  assert.deepEqual(await release(await ids()), { released: [], left: [] });
  assert.equal((await ground.vm('demo-app')).snapshots.length, 1);
});

test('a VM that a restore kept unfinished is deleted only when it is named', async () => {
  await using ground = await labGround({ vddk: false });
  const { lab, bench } = ground;
  await lab.addVm({
    name: 'half',
    extraConfig: { 'coldframe.marker': `coldframe:${bench.context.applianceId}:gone` },
    disks: [{ sizeBytes: 2 ** 20, controller: 'pvscsi' }],
  });
  const { list, ids, release } = strayTools(ground);
  assert.deepEqual(await list(), ['unfinished-vm named']);
  assert.deepEqual((await release()).released, []);
  assert.equal((await release(await ids())).released.length, 1);
  assert.ok(!(await lab.state()).vms.some(({ name }) => name === 'half'));
});

test('what a running task holds is no stray', async () => {
  await using ground = await labGround({ vddk: false });
  const { bench, signal } = ground;
  const { list } = strayTools(ground);
  const seen: (readonly string[])[] = [];
  let looking: Promise<void> | undefined;
  await backUpVm(bench.context, bench.backup(), {
    signal,
    onProgress: () => {
      looking ??= list().then((found) => void seen.push(found));
    },
  });
  await looking;
  assert.deepEqual(seen, [[]]);
});
