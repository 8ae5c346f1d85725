import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, open, readdir, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import type { RestorePoint } from '#core/restore-point.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { verifyRestorePoint } from '#engine/verify-restore-point.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';

function backUp({ bench, signal }: LabGround) {
  return backUpVm(
    bench.context,
    bench.backup({}, { transports: ['hotadd-own'], compression: 'none' }),
    { signal },
  );
}

function restore({ bench, signal }: LabGround, point: RestorePoint) {
  return restoreVm(
    bench.context,
    {
      endpoint: bench.endpoint,
      repository: bench.repository,
      restorePointId: point.header.id,
      taskId: 'restore1',
      target: { kind: 'new-vm', name: 'copy', keepIdentity: false, onFailure: 'destroy' },
      powerOn: false,
      readBack: 'full',
      transports: ['hotadd-own'],
    },
    { signal },
  );
}

function verify({ bench, signal }: LabGround, point: RestorePoint) {
  return verifyRestorePoint(
    bench.context,
    { repository: bench.repository, restorePointId: point.header.id },
    { signal },
  );
}

function fileOf({ bench }: LabGround, point: RestorePoint): string {
  return join(bench.repository.root, point.path);
}

async function assertNoCopy({ lab }: LabGround): Promise<void> {
  const { vms } = await lab.state();
  assert.ok(!vms.some(({ name }) => name === 'copy'));
}

suite('a damaged archive', () => {
  test('a flipped bit: verify says where, and a restore stops and leaves no VM', async () => {
    await using ground = await labGround({ vddk: false });
    const { restorePoint } = await backUp(ground);
    // Within the data of the first disk, wherever they begin, every other byte counts.
    const at = Math.floor(restorePoint.archiveBytes / 3);
    await using file = await open(fileOf(ground, restorePoint), 'r+');
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    await file.write(Buffer.of(byte[0]! ^ 4), 0, 1, at);
    const { damage } = await verify(ground, restorePoint);
    assert.equal(damage.length, 1);
    assert.match(damage[0]!.member, /^disks\/scsi0-0\.raw$/);
    assert.equal(damage[0]!.path, restorePoint.path);
    assert.equal(damage[0]!.ranges.length, 1);
    await assert.rejects(restore(ground, restorePoint), { code: 'digest-mismatch' });
    await ground.assertTidy();
    await assertNoCopy(ground);
  });

  test('a truncated archive: no restore, and the next backup is full', async () => {
    await using ground = await labGround({ vddk: false });
    const { restorePoint } = await backUp(ground);
    await truncate(fileOf(ground, restorePoint), restorePoint.archiveBytes - 5000);
    const { damage } = await verify(ground, restorePoint);
    assert.deepEqual(
      damage.map(({ path, message }) => [path, /no seal|cut short/.test(message)]),
      [[restorePoint.path, true]],
    );
    await assert.rejects(restore(ground, restorePoint), { code: 'archive-damaged' });
    await assertNoCopy(ground);
    const next = await backUp(ground);
    assert.equal(next.restorePoint.header.kind, 'full');
    assert.match(next.restorePoint.header.disks[0]!.modeReason, /cannot be built on/);
    await ground.assertTidy();
  });

  test('a chain with a missing archive says which one', async () => {
    await using ground = await labGround({ vddk: false });
    const first = await backUp(ground);
    const second = await backUp(ground);
    assert.equal(second.restorePoint.header.kind, 'incremental');
    await rm(fileOf(ground, first.restorePoint));
    await assert.rejects(restore(ground, second.restorePoint), (error: unknown) => {
      assert.ok(error instanceof Error && error.message.includes(first.restorePoint.path));
      return true;
    });
    await ground.bench.catalog.removeRestorePoint(first.restorePoint.header.id);
    await assert.rejects(restore(ground, second.restorePoint), {
      code: 'chain-broken',
      message: new RegExp(first.restorePoint.header.id),
    });
    await ground.assertTidy();
  });
});

suite('a repository in trouble', () => {
  test('without its marker nothing is done to the VM', async () => {
    await using ground = await labGround({ vddk: false });
    const { root } = ground.bench.repository;
    await rename(root, `${root}.unmounted`);
    await mkdir(root);
    await assert.rejects(backUp(ground), { code: 'repository' });
    assert.deepEqual(await readdir(root), []);
    const calls = await ground.lab.counters();
    assert.equal(calls['CreateSnapshot_Task'] ?? 0, 0);
    await ground.assertTidy();
  });

  test('that gets full: the error says so and no partial file stays', async () => {
    await using ground = await labGround({ vddk: false });
    const { root } = ground.bench.repository;
    const marker = join(ground.folder, 'marker');
    const [name] = await readdir(root);
    await rename(join(root, name!), marker);
    // 24 MiB of disks, a third of them zeros, which take no space.
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=10m', 'coldframe-test', root]);
    try {
      execFileSync('cp', [marker, join(root, name!)]);
      await using filler = await open(join(root, '.filler'), 'w');
      await filler.write(Buffer.alloc(1024 * 1024, 1));
      await assert.rejects(backUp(ground), { code: 'no-space' });
      for (const folder of await readdir(root, { withFileTypes: true }))
        if (folder.isDirectory()) assert.deepEqual(await readdir(join(root, folder.name)), []);
      await ground.assertTidy();
    } finally {
      execFileSync('umount', ['--lazy', root]);
    }
  });
});
