import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backUpVm } from '#engine/back-up-vm.ts';
import type { BackupOptions } from '#engine/requests.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';

const mib = 2 ** 20;

async function backUp({ bench, signal }: LabGround, options: Partial<BackupOptions> = {}) {
  return backUpVm(bench.context, bench.backup({}, options), { signal });
}

async function systemDisk({ vm }: LabGround): Promise<{ vm: string; key: number }> {
  return { vm: 'demo-app', key: (await vm('demo-app')).disks[0]!.key };
}

/** What the restore point gives back is what the snapshot froze. */
async function assertGood(ground: LabGround, restorePointId: string): Promise<void> {
  const { bench, signal } = ground;
  const newest = (await ground.captures()).at(-1)!;
  await restoreVm(
    bench.context,
    {
      endpoint: bench.endpoint,
      repository: bench.repository,
      restorePointId,
      taskId: `restore-${restorePointId}`,
      target: { kind: 'new-vm', name: 'copy', keepIdentity: false, onFailure: 'destroy' },
      powerOn: false,
      readBack: 'full',
      transports: ['hotadd-own'],
    },
    { signal },
  );
  await ground.assertRestored('copy', newest);
}

test('finds what change tracking missed, stores it, and resets the tracking', async () => {
  await using ground = await labGround({ vddk: false });
  const { lab } = ground;
  await backUp(ground);
  const disk = await systemDisk(ground);
  await lab.setVm({ vm: 'demo-app', trackingMissesWrites: true });
  await lab.writeGuest({ ...disk, offset: 5 * mib + 4096, seed: 99, length: 4096 });
  await lab.setVm({ vm: 'demo-app', trackingMissesWrites: false });
  await lab.writeGuest({ ...disk, offset: mib, seed: 3, length: 8192 });

  const { restorePoint, warnings, readBytes } = await backUp(ground, { auditPercent: 100 });
  assert.equal(restorePoint.header.kind, 'incremental');
  assert.match(warnings[0] ?? '', /Hard disk 1 524288 of \d+ bytes that it calls unchanged differ/);
  assert.equal(warnings.length, 1);
  const [system, data] = restorePoint.header.disks;
  assert.equal(system!.changeId, null);
  assert.match(system!.modeReason, /the audit found other changes too/);
  assert.notEqual(data!.changeId, null);
  assert.ok(readBytes < 3 * mib, `${readBytes} bytes were stored`);
  await assertGood(ground, restorePoint.header.id);

  const next = await backUp(ground);
  assert.equal(next.restorePoint.header.disks[0]!.mode, 'full');
  assert.notEqual(next.restorePoint.header.disks[0]!.changeId, null);
});

test('tracking that is right costs some reading and changes nothing', async () => {
  await using ground = await labGround({ vddk: false });
  const { bench } = ground;
  await backUp(ground);
  const { restorePoint, warnings, readBytes } = await backUp(ground, { auditPercent: 100 });
  assert.deepEqual(warnings, []);
  assert.equal(readBytes, 0);
  assert.notEqual(restorePoint.header.disks[0]!.changeId, null);
  assert.ok(bench.log.some((line) => /tracking of Hard disk 1 is right about 16777216/.test(line)));
});

test('a share a run, from where the last one ended', async () => {
  await using ground = await labGround({ vddk: false });
  const { bench, lab } = ground;
  const { restorePoint } = await backUp(ground);
  const { vm, disks } = restorePoint.header;
  const position = () => bench.catalog.auditPosition(vm, disks[0]!.label);
  await backUp(ground, { auditPercent: 25 });
  assert.equal(await position(), 4 * mib);
  const disk = await systemDisk(ground);
  await lab.setVm({ vm: 'demo-app', trackingMissesWrites: true });
  await lab.writeGuest({ ...disk, offset: 9 * mib, seed: 5, length: 512 });
  await lab.setVm({ vm: 'demo-app', trackingMissesWrites: false });
  const second = await backUp(ground, { auditPercent: 25 });
  assert.deepEqual([second.warnings, await position()], [[], 8 * mib]);
  const third = await backUp(ground, { auditPercent: 25 });
  assert.match(third.warnings[0] ?? '', /not to be trusted/);
  await assertGood(ground, third.restorePoint.header.id);
});
