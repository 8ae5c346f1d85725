import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { Compression, RestorePoint, TransportName } from '#core/restore-point.ts';
import type { TransportChoice } from '#core/transport-plan.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import type { RestoreRequest } from '#engine/requests.ts';
import { planRestore } from '#engine/plan-restore.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { verifyRestorePoint } from '#engine/verify-restore-point.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';

const MiB = 1024 ** 2;

function restoreRequest(
  { bench }: LabGround,
  point: RestorePoint,
  change: Partial<RestoreRequest>,
): RestoreRequest {
  return {
    endpoint: bench.endpoint,
    repository: bench.repository,
    restorePointId: point.header.id,
    taskId: `restore-${point.header.id}`,
    target: { kind: 'new-vm', name: 'copy', keepIdentity: false, onFailure: 'destroy' },
    powerOn: false,
    readBack: 'full',
    transports: ['hotadd-vddk', 'hotadd-own', 'nbdssl'],
    ...change,
  };
}

/** What a guest does between two backups: overwrites, new data, and a trim. */
async function changeGuest({ lab, vm }: LabGround): Promise<void> {
  const { disks } = await vm('demo-app');
  for (const [index, { key }] of disks.entries()) {
    const at = { vm: 'demo-app', key };
    await lab.writeGuest({ ...at, offset: MiB + 4096, length: 70_000, seed: 100 + index });
    await lab.writeGuest({ ...at, offset: 5 * MiB - 512, length: 1024, seed: 200 + index });
    await lab.trim({ ...at, offset: 3 * MiB, length: MiB });
  }
}

interface Case {
  readonly name: string;
  readonly vddk: boolean;
  readonly transports: readonly TransportChoice[];
  readonly expected: TransportName;
  readonly compression: Compression;
}

const cases: readonly Case[] = [
  {
    name: 'VDDK HotAdd, compressed',
    vddk: true,
    transports: ['hotadd-vddk'],
    expected: 'hotadd',
    compression: 'zstd',
  },
  {
    name: 'built-in HotAdd, plain',
    vddk: false,
    transports: ['hotadd-own'],
    expected: 'hotadd',
    compression: 'none',
  },
  {
    name: 'NBDSSL, plain',
    vddk: true,
    transports: ['nbdssl'],
    expected: 'nbdssl',
    compression: 'none',
  },
  {
    name: 'NBD, compressed',
    vddk: true,
    transports: ['nbd'],
    expected: 'nbd',
    compression: 'zstd',
  },
];

suite('full, incremental, and both restored', () => {
  for (const { name, vddk, transports, expected, compression } of cases)
    test(name, async () => {
      await using ground = await labGround({ vddk });
      const { bench, lab, signal } = ground;
      await lab.startGuestWriter({ vm: 'demo-app', bytesPerSecond: 256 * 1024, seed: 5 });
      const first = await backUpVm(bench.context, bench.backup({}, { transports, compression }), {
        signal,
      });
      await changeGuest(ground);
      const second = await backUpVm(bench.context, bench.backup({}, { transports, compression }), {
        signal,
      });
      await lab.stopGuestWriter({ vm: 'demo-app' });
      await ground.assertTidy();
      assert.deepEqual([...first.warnings, ...second.warnings], []);

      const { header } = second.restorePoint;
      assert.equal(first.restorePoint.header.kind, 'full');
      assert.equal(header.kind, 'incremental');
      assert.deepEqual(header.parent, {
        id: first.restorePoint.header.id,
        seal: first.restorePoint.seal,
      });
      assert.equal(header.consistency, 'file-system');
      for (const disk of header.disks) assert.equal(disk.transport, expected);
      assert.ok(second.readBytes < first.readBytes, 'an incremental reads less');

      const verified = await verifyRestorePoint(
        bench.context,
        { repository: bench.repository, restorePointId: header.id },
        { signal },
      );
      assert.deepEqual(verified.damage, []);
      assert.ok(verified.checkedBytes > 0);

      const [older, newer] = await ground.captures();
      const copied = await restoreVm(
        bench.context,
        restoreRequest(ground, second.restorePoint, { transports }),
        { signal },
      );
      assert.deepEqual(copied.warnings, []);
      for (const disk of copied.disks) {
        assert.equal(disk.transport, expected);
        assert.equal(disk.provenBytes, disk.writtenBytes);
      }
      await ground.assertRestored('copy', newer!);

      await restoreVm(
        bench.context,
        restoreRequest(ground, first.restorePoint, {
          taskId: 'restore-in-place',
          target: { kind: 'in-place', powerOff: true },
          transports,
        }),
        { signal },
      );
      await ground.assertRestored('demo-app', older!);
      await ground.assertTidy();
      const vm = await ground.vm('demo-app');
      assert.deepEqual(vm.extraConfig['coldframe.unfinished-restore'] ?? '', '');
    });
});

suite('after a restore in place', () => {
  test('the next backup is full, because the old positions say nothing any more', async () => {
    await using ground = await labGround({ vddk: true });
    const { bench, signal } = ground;
    const first = await backUpVm(bench.context, bench.backup(), { signal });
    await restoreVm(
      bench.context,
      restoreRequest(ground, first.restorePoint, {
        target: { kind: 'in-place', powerOff: true },
        powerOn: true,
      }),
      { signal },
    );
    assert.equal((await ground.vm('demo-app')).power, 'poweredOn');
    const next = await backUpVm(bench.context, bench.backup(), { signal });
    assert.equal(next.restorePoint.header.kind, 'full');
    assert.match(next.restorePoint.header.disks[0]!.modeReason, /was reset/);
    await ground.assertTidy();
  });
});

suite('plans and refusals', () => {
  test('a dry run changes nothing and says what would be done', async () => {
    await using ground = await labGround({ vddk: true });
    const { bench, lab, signal } = ground;
    const { restorePoint } = await backUpVm(bench.context, bench.backup(), { signal });
    const before = await lab.counters();
    const plan = await planRestore(
      bench.context,
      restoreRequest(ground, restorePoint, { target: { kind: 'in-place', powerOff: true } }),
      signal,
    );
    assert.equal(plan.vmName, 'demo-app');
    assert.equal(plan.willPowerOff, true);
    assert.deepEqual(
      plan.disks.map(({ label, transports }) => [label, transports[0]]),
      [
        ['scsi0-0', 'hotadd-vddk'],
        ['scsi1-0', 'hotadd-vddk'],
      ],
    );
    assert.match(plan.disks[0]!.fileName ?? '', /^\[vmfs1\] demo-app\//);
    const after = await lab.counters();
    for (const call of ['ReconfigVM_Task', 'PowerOffVM_Task', 'CreateVM_Task'])
      assert.equal(after[call], before[call]);
  });

  test('a running VM, a VM with snapshots and a name that is taken are refused', async () => {
    await using ground = await labGround({ vddk: true });
    const { bench, lab, signal } = ground;
    const { restorePoint } = await backUpVm(bench.context, bench.backup(), { signal });
    const inPlace = (powerOff: boolean) =>
      restoreVm(
        bench.context,
        restoreRequest(ground, restorePoint, { target: { kind: 'in-place', powerOff } }),
        { signal },
      );
    await assert.rejects(inPlace(false), { code: 'not-eligible', message: /is running/ });
    const { moref } = await lab.addForeignSnapshot({ vm: 'demo-app', name: 'mine' });
    await assert.rejects(inPlace(true), { code: 'not-eligible', message: /has snapshots/ });
    await lab.removeSnapshot({ vm: 'demo-app', moref });
    await assert.rejects(
      restoreVm(
        bench.context,
        restoreRequest(ground, restorePoint, {
          target: {
            kind: 'new-vm',
            name: 'demo-app',
            keepIdentity: false,
            onFailure: 'destroy',
          },
        }),
        { signal },
      ),
      { code: 'invalid-input', message: /named "demo-app" already/ },
    );
    await ground.assertTidy();
  });

  test('an unknown VM', async () => {
    await using ground = await labGround({ vddk: true });
    const { bench, signal } = ground;
    await assert.rejects(
      backUpVm(bench.context, bench.backup({ vm: { name: 'nobody' } }), { signal }),
      { code: 'not-found', message: /no VM "nobody"/ },
    );
  });
});
