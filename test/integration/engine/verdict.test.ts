import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { backUpVm } from '#engine/back-up-vm.ts';
import { verifyRestorePoint } from '#engine/verify-restore-point.ts';
import { labOnly, type LabGround } from '#test/support/lab-ground.ts';

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

test('no backup builds on what verification found damaged, also after a restart', async () => {
  await using world = await labOnly({ vddk: false });
  let damagedId: string;
  {
    await using ground = await world.open();
    const { bench } = ground;
    const full = await backUp(ground);
    const incremental = await backUp(ground);
    assert.equal(incremental.header.kind, 'incremental');
    await flipInTheMiddle(join(bench.repository.root, full.path));
    const { damage } = await verify(ground, incremental.header.id);
    assert.equal(damage[0]?.path, full.path);
    damagedId = incremental.header.id;
    const ids = [full.header.id, incremental.header.id];
    const marks = await bench.catalog.restorePointMarks(ids);
    for (const id of ids) assert.equal(marks.get(id)?.damage?.path, full.path);
    // A verification of the damaged one again finds the same and changes nothing.
    await verify(ground, full.header.id);
  }
  await using ground = await world.open();
  const { bench } = ground;
  const fresh = await backUp(ground);
  assert.equal(fresh.header.kind, 'full');
  assert.equal(fresh.header.parent, null);
  for (const { modeReason } of fresh.header.disks)
    assert.match(modeReason, /^verification found damage in .*\.tar at /);
  assert.ok(bench.log.some((line) => /^warn .*verification found damage/.test(line)));
  assert.equal((await backUp(ground)).header.kind, 'incremental');

  const damagedFull = (await bench.catalog.getRestorePoint(damagedId))!.header.parent!.id;
  const { path } = (await bench.catalog.getRestorePoint(damagedFull))!;
  await flipInTheMiddle(join(bench.repository.root, path));
  assert.deepEqual((await verify(ground, damagedId)).damage, []);
  assert.equal((await bench.catalog.restorePointMarks([damagedId, damagedFull])).size, 0);
});
