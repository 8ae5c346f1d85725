import assert from 'node:assert/strict';
import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import type { RestorePoint } from '#core/restore-point.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { verifyOldestProofs } from '#engine/verify-oldest-proofs.ts';
import { verifyRestorePoint } from '#engine/verify-restore-point.ts';
import { labGround, labOnly, type LabGround } from '#test/support/lab-ground.ts';

async function flipInTheMiddle(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const position = Math.floor((await file.stat()).size / 2);
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, position);
  await file.write(Buffer.of(byte[0]! ^ 0xff), 0, 1, position);
}

const backUp = async ({ bench, signal }: LabGround) =>
  (await backUpVm(bench.context, bench.backup({}, { compression: 'none' }), { signal }))
    .restorePoint;

const verify = async ({ bench, signal }: LabGround, restorePointId: string) =>
  verifyRestorePoint(bench.context, { repository: bench.repository, restorePointId }, { signal });

async function damagedChain(ground: LabGround, spoil: (path: string) => Promise<void>) {
  const { bench } = ground;
  const full = await backUp(ground);
  const incremental = await backUp(ground);
  assert.equal(incremental.header.kind, 'incremental');
  await spoil(join(bench.repository.root, full.path));
  const { damage } = await verify(ground, full.header.id);
  assert.equal(damage[0]?.path, full.path);
  const ids = [full.header.id, incremental.header.id];
  // The one that builds on it was not verified, and is known to be hit all the same.
  const marks = await bench.catalog.restorePointMarks(ids);
  for (const id of ids) assert.equal(marks.get(id)?.damage?.path, full.path);
  return { full, incremental };
}

test('the next backup reads again what was lost, also after a restart', async () => {
  await using world = await labOnly({ vddk: false });
  let full: RestorePoint;
  let incremental: RestorePoint;
  {
    await using ground = await world.open();
    ({ full, incremental } = await damagedChain(ground, flipInTheMiddle));
    // A verification of the damaged one again finds the same and changes nothing.
    await verify(ground, incremental.header.id);
  }
  await using ground = await world.open();
  const { bench } = ground;
  const healed = await backUp(ground);
  assert.equal(healed.header.parent?.id, incremental.header.id);
  assert.ok(healed.header.disks.every(({ mode }) => mode === 'incremental'));
  assert.equal(
    healed.header.disks.filter(({ modeReason }) => /bytes read again that/.test(modeReason)).length,
    1,
  );
  assert.ok(bench.log.some((line) => line.startsWith('warn The chain is healed: ')));
  // The archive stays damaged, and this restore point does not need what was lost.
  const { damage } = await verify(ground, healed.header.id);
  assert.equal(damage[0]?.path, full.path);
  const marks = await bench.catalog.restorePointMarks([healed.header.id, full.header.id]);
  assert.equal(marks.get(healed.header.id)?.damage, undefined);
  assert.equal(marks.get(healed.header.id)?.checked?.good, true);
  assert.equal(marks.get(full.header.id)?.checked?.good, false);
  await restoreVm(
    bench.context,
    {
      endpoint: bench.endpoint,
      repository: bench.repository,
      restorePointId: healed.header.id,
      taskId: 'restore',
      target: { kind: 'new-vm', name: 'copy', keepIdentity: false, onFailure: 'destroy' },
      powerOn: false,
      readBack: 'full',
      transports: ['hotadd-own'],
    },
    { signal: ground.signal },
  );
  await ground.assertRestored('copy', (await ground.captures()).at(-1)!);

  await flipInTheMiddle(join(bench.repository.root, full.path));
  assert.deepEqual((await verify(ground, incremental.header.id)).damage, []);
  const cleared = await bench.catalog.restorePointMarks([full.header.id, incremental.header.id]);
  for (const each of cleared.values()) assert.equal(each.damage, undefined);
});

test('a new chain is begun where nothing of the old one can be trusted', async () => {
  await using ground = await labGround({ vddk: false });
  await damagedChain(ground, (path) => truncate(path, 100_000));
  const fresh = await backUp(ground);
  assert.equal(fresh.header.kind, 'full');
  assert.equal(fresh.header.parent, null);
  assert.equal((await backUp(ground)).header.kind, 'incremental');
});

test('archives are proven by turns, in parts, and go on where they stopped', async () => {
  await using ground = await labGround({ vddk: false });
  const { bench, signal } = ground;
  const points = [await backUp(ground), await backUp(ground), await backUp(ground)];
  const roll = (mostBytes: number, againAfterMs = 3_600_000) =>
    verifyOldestProofs(
      bench.context,
      { repository: bench.repository, mostMs: 3_600_000, mostBytes, againAfterMs },
      { signal },
    );
  const first = await roll(1);
  assert.equal(first.checked, 0);
  assert.ok(first.checkedBytes > 0);
  assert.equal(first.left, 3);
  const oldest = points[0]!.header.id;
  const begun = (await bench.catalog.restorePointMarks([oldest])).get(oldest);
  assert.ok(begun?.checking !== undefined && begun.checked === undefined);
  const rest = await roll(2 ** 40);
  assert.deepEqual([rest.checked, rest.left, rest.damaged], [3, 0, []]);
  const whole = points
    .flatMap(({ disks }) => disks)
    .reduce((sum, { mappedBytes }) => sum + mappedBytes, 0);
  assert.equal(first.checkedBytes + rest.checkedBytes, whole);
  const marks = await bench.catalog.restorePointMarks(points.map(({ header }) => header.id));
  for (const { checked, checking } of marks.values()) {
    assert.equal(checked?.good, true);
    assert.equal(checking, undefined);
  }
  assert.equal((await roll(2 ** 40)).checkedBytes, 0);

  await flipInTheMiddle(join(bench.repository.root, points[0]!.path));
  const again = await roll(2 ** 40, -1);
  assert.deepEqual(
    again.damaged.map(({ restorePointId }) => restorePointId),
    [oldest],
  );
  const hit = await bench.catalog.restorePointMarks(points.map(({ header }) => header.id));
  for (const { damage } of hit.values()) assert.equal(damage?.areas?.length, 1);
  assert.equal(hit.get(oldest)?.checked?.good, false);
  assert.equal(hit.get(points[2]!.header.id)?.checked?.good, true);
});
