import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { RestorePoint } from '#core/restore-point.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';

const MiB = 1024 ** 2;

interface Made {
  readonly point: RestorePoint;
  readonly capture: string;
  readonly warnings: readonly string[];
}

async function backUp(ground: LabGround): Promise<Made> {
  const { bench, signal } = ground;
  const { restorePoint: point, warnings } = await backUpVm(bench.context, bench.backup(), {
    signal,
  });
  return { point, warnings, capture: (await ground.captures()).at(-1)! };
}

async function write({ lab, vm }: LabGround, seed: number): Promise<void> {
  for (const { key } of (await vm('demo-app')).disks)
    await lab.writeGuest({ vm: 'demo-app', key, offset: seed * MiB, length: 70_000, seed });
}

async function assertRestores(
  ground: LabGround,
  { point, capture }: Pick<Made, 'point' | 'capture'>,
): Promise<void> {
  const { bench, signal } = ground;
  await restoreVm(
    bench.context,
    {
      endpoint: bench.endpoint,
      repository: bench.repository,
      restorePointId: point.header.id,
      taskId: 'restore',
      target: { kind: 'new-vm', name: 'copy', keepIdentity: false, onFailure: 'destroy' },
      powerOn: false,
      readBack: 'full',
      transports: ['hotadd-own'],
    },
    { signal },
  );
  await ground.assertRestored('copy', capture);
}

/** A backup that must be full throughout, then a change that the one after must see. */
async function assertTracksAgain(ground: LabGround): Promise<void> {
  const { point, warnings } = await backUp(ground);
  assert.deepEqual(warnings, []);
  assert.equal(point.header.kind, 'full');
  await write(ground, 3);
  const next = await backUp(ground);
  assert.equal(next.point.header.kind, 'incremental');
  for (const { mode } of next.point.header.disks) assert.equal(mode, 'incremental');
  await assertRestores(ground, next);
  await ground.assertTidy();
}

async function resize({ lab, vm }: LabGround): Promise<void> {
  const { key, sizeBytes } = (await vm('demo-app')).disks[0]!;
  await lab.resizeDisk({ vm: 'demo-app', key, sizeBytes: sizeBytes + MiB });
}

suite('change tracking that is in doubt is reset before it is built on', () => {
  test('after a resize, on a host whose tracker then misses writes', async () => {
    await using ground = await labGround({ vddk: false });
    await ground.lab.setVm({ vm: 'demo-app', staleTrackingAfterResize: true });
    await backUp(ground);
    await resize(ground);
    await write(ground, 2);
    await assertTracksAgain(ground);
  });

  test('with snapshots in the way: full with a warning each time, until they are gone', async () => {
    await using ground = await labGround({ vddk: false });
    const { lab } = ground;
    await lab.setVm({ vm: 'demo-app', staleTrackingAfterResize: true });
    await backUp(ground);
    await resize(ground);
    const { moref } = await lab.addForeignSnapshot({ vm: 'demo-app', name: 'by hand' });
    for (const seed of [1, 2]) {
      await write(ground, seed);
      const { point, warnings } = await backUp(ground);
      assert.match(warnings.join('\n'), /could not be reset.*Remove them/);
      assert.equal(point.header.disks[0]!.mode, 'full');
      assert.equal(point.header.disks[0]!.changeId, null);
    }
    await lab.removeSnapshot({ vm: 'demo-app', moref });
    await assertTracksAgain(ground);
  });

  test('after a fault of the query for changes', async () => {
    await using ground = await labGround({ vddk: false });
    const { lab } = ground;
    await backUp(ground);
    await write(ground, 1);
    await lab.addFaults([
      {
        on: 'QueryChangedDiskAreas',
        action: { kind: 'soap-fault', type: 'FileFault', data: { file: 'demo-app-ctk.vmdk' } },
      },
    ]);
    const { point } = await backUp(ground);
    assert.equal(point.header.disks.filter(({ changeId }) => changeId === null).length, 1);
    await assertTracksAgain(ground);
  });
});
