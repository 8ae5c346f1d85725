import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import { emptyExtents } from '#core/extents.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { planRestore } from '#engine/plan-restore.ts';
import type { EngineContext } from '#engine/ports.ts';
import type { RestoreRequest } from '#engine/requests.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';

const MiB = 1024 ** 2;

async function backUp({ bench, signal }: LabGround): Promise<RestorePoint> {
  return (await backUpVm(bench.context, bench.backup(), { signal })).restorePoint;
}

/** The guest writes 100 KiB at this many MiB of each disk. */
async function write({ lab, vm }: LabGround, atMiB: number): Promise<void> {
  for (const { key } of (await vm('demo-app')).disks)
    await lab.writeGuest({
      vm: 'demo-app',
      key,
      offset: atMiB * MiB + 5000,
      length: 102_400,
      seed: atMiB + 1,
    });
}

function request({ bench }: LabGround, point: RestorePoint): RestoreRequest {
  return {
    endpoint: bench.endpoint,
    repository: bench.repository,
    restorePointId: point.header.id,
    taskId: `restore-${point.header.id}`,
    target: { kind: 'in-place', powerOff: true, rollback: true },
    powerOn: true,
    readBack: 'full',
    transports: ['hotadd-own'],
  };
}

function rollBack(
  ground: LabGround,
  point: RestorePoint,
  change: Partial<RestoreRequest> & { readonly context?: EngineContext } = {},
) {
  const { context = ground.bench.context, ...rest } = change;
  return restoreVm(context, { ...request(ground, point), ...rest }, { signal: ground.signal });
}

suite('a rollback', () => {
  test('writes what has changed since and differs, and no more', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal } = ground;
    const point = await backUp(ground);
    const [capture] = await ground.captures();
    await write(ground, 2);
    await backUp(ground);
    await write(ground, 6);
    const plan = await planRestore(bench.context, request(ground, point), signal);
    assert.deepEqual(
      plan.disks.map(({ method }) => method),
      ['changed', 'changed'],
    );
    const { disks, warnings } = await rollBack(ground, point);
    assert.deepEqual(warnings, []);
    for (const disk of disks) {
      assert.equal(disk.method, 'changed');
      assert.match(disk.methodReason, /bytes have changed since 20/);
      assert.ok(disk.writtenBytes + disk.zeroBytes >= 204_800, `${disk.writtenBytes} written`);
      assert.ok(disk.writtenBytes + disk.zeroBytes <= 8 * 65_536, `${disk.writtenBytes} written`);
    }
    await ground.assertRestored('demo-app', capture!);
    await ground.assertTidy();
    assert.equal((await ground.vm('demo-app')).power, 'poweredOn');
    assert.equal((await backUp(ground)).header.kind, 'full');
  });

  test('goes to an incremental in the middle of a chain', async () => {
    await using ground = await labGround({ vddk: false });
    await backUp(ground);
    await write(ground, 1);
    const middle = await backUp(ground);
    const capture = (await ground.captures()).at(-1)!;
    await write(ground, 1);
    await write(ground, 5);
    await backUp(ground);
    await rollBack(ground, middle);
    await ground.assertRestored('demo-app', capture);
    await ground.assertTidy();
  });

  test('leaves alone what was written and is as it was', async () => {
    await using ground = await labGround({ vddk: false });
    await write(ground, 3);
    const point = await backUp(ground);
    await write(ground, 3);
    const { disks } = await rollBack(ground, point);
    for (const { writtenBytes, zeroBytes, sameBytes, provenBytes } of disks) {
      assert.deepEqual([writtenBytes, zeroBytes], [0, 0]);
      assert.ok(sameBytes >= 102_400);
      assert.equal(provenBytes, sameBytes);
    }
    await ground.assertTidy();
  });

  test('does not believe a tracker that forgets what a later restore point holds', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench } = ground;
    const point = await backUp(ground);
    const [capture] = await ground.captures();
    await write(ground, 4);
    await backUp(ground);
    const context: EngineContext = {
      ...bench.context,
      vsphere: {
        connect: async (endpoint, signal) => ({
          ...(await bench.context.vsphere.connect(endpoint, signal)),
          changedAreas: () => Promise.resolve(emptyExtents),
        }),
      },
    };
    await rollBack(ground, point, { context });
    await ground.assertRestored('demo-app', capture!);
    await ground.assertTidy();
  });
});

suite('a rollback writes the whole disk, and says why, when', () => {
  async function assertWhole(ground: LabGround, point: RestorePoint, why: RegExp): Promise<void> {
    const [capture] = await ground.captures();
    const { disks } = await rollBack(ground, point);
    for (const { method, methodReason, sameBytes } of disks) {
      assert.equal(method, 'whole');
      assert.match(methodReason, why);
      assert.ok(sameBytes > 4 * MiB, 'what is the same is not written all the same');
    }
    await ground.assertRestored('demo-app', capture!);
    await ground.assertTidy();
  }

  test('change tracking began anew', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, connection, signal } = ground;
    const point = await backUp(ground);
    await write(ground, 2);
    const { moref } = await ground.vm('demo-app');
    for (const on of [false, true]) {
      await connection.setChangeTracking(moref, on, signal);
      await ground.lab.power({ vm: 'demo-app', on: false });
      await ground.lab.power({ vm: 'demo-app', on: true });
    }
    await write(ground, 6);
    const plan = await planRestore(bench.context, request(ground, point), signal);
    for (const { method, methodReason } of plan.disks)
      assert.match(`${method}: ${methodReason}`, /^whole: .*(reset since|not active)/);
    await assertWhole(ground, point, /reset since|not active/);
  });

  test('no snapshot can be had', async () => {
    await using ground = await labGround({ vddk: false });
    const point = await backUp(ground);
    await write(ground, 2);
    await ground.lab.addFaults([
      { on: 'CreateSnapshot_Task', action: { kind: 'task-error', type: 'SnapshotFault' } },
    ]);
    await assertWhole(ground, point, /asking what changed failed/);
    assert.deepEqual(await ground.lab.unusedFaults(), []);
  });

  test('vSphere does not know what changed', async () => {
    await using ground = await labGround({ vddk: false });
    const point = await backUp(ground);
    await write(ground, 2);
    const action = { kind: 'soap-fault', type: 'FileFault', data: { file: 'x' } } as const;
    await ground.lab.addFaults([{ on: 'QueryChangedDiskAreas', times: 2, action }]);
    await assertWhole(ground, point, /vSphere does not know what changed/);
  });

  test('an earlier one was broken off', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench } = ground;
    const point = await backUp(ground);
    await write(ground, 2);
    const until = new AbortController();
    const broken = restoreVm(bench.context, request(ground, point), {
      signal: until.signal,
      onProgress: ({ phase }) => {
        if (phase === 'reading-back') until.abort(new ColdframeError('cancelled', 'enough'));
      },
    });
    await assert.rejects(broken, { code: 'cancelled' });
    await assertWhole(ground, point, /an earlier restore of the VM did not finish/);
  });
});

test('a rollback whose snapshot stays behind writes nothing', async () => {
  await using ground = await labGround({ vddk: false });
  const point = await backUp(ground);
  await write(ground, 2);
  const action = {
    kind: 'task-error',
    type: 'GenericVmConfigFault',
    data: { reason: 'x' },
  } as const;
  await ground.lab.addFaults([{ on: 'RemoveSnapshot_Task', action }]);
  await assert.rejects(rollBack(ground, point), {
    code: 'not-eligible',
    message: /it has snapshots/,
  });
  const { power, extraConfig, snapshots } = await ground.vm('demo-app');
  assert.deepEqual([power, snapshots.length], ['poweredOn', 1]);
  assert.equal(extraConfig['coldframe.unfinished-restore'] ?? '', '');
  await ground.recover();
  await ground.assertTidy();
});
