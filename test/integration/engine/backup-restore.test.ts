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
      await lab.startGuestWriter({ vm: 'demo-app', bytesPerSecond: 16 * 1024, seed: 5 });
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

suite('firmware settings', () => {
  test('a new VM gets the NVRAM of the old one', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, connection, signal } = ground;
    const { restorePoint } = await backUpVm(bench.context, bench.backup(), { signal });
    const { moref } = await ground.vm('demo-app');
    const { vmMoref, warnings } = await restoreVm(
      bench.context,
      restoreRequest(ground, restorePoint, {}),
      { signal },
    );
    assert.deepEqual(warnings, []);
    const saved = await connection.readNvram(moref, signal);
    assert.ok(saved !== undefined && saved.length > 1000);
    assert.deepEqual(await connection.readNvram(vmMoref, signal), saved);
  });

  test('when they cannot be written, the VM is restored with a warning', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, lab, signal } = ground;
    const { restorePoint } = await backUpVm(bench.context, bench.backup(), { signal });
    await lab.setPrivileges([{ privilege: 'Datastore.FileManagement' }]);
    const { warnings } = await restoreVm(bench.context, restoreRequest(ground, restorePoint, {}), {
      signal,
    });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /NVRAM.* were not restored: .*Datastore\.FileManagement/);
    await ground.assertRestored('copy', (await ground.captures())[0]!);
    await ground.assertTidy();
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

  test('disks that changed since are refused or left alone, as the plan says beforehand', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, lab, signal } = ground;
    const { restorePoint } = await backUpVm(bench.context, bench.backup(), { signal });
    const request = restoreRequest(ground, restorePoint, {
      target: { kind: 'in-place', powerOff: true },
    });
    const plan = (change: Partial<RestoreRequest> = {}) =>
      planRestore(bench.context, { ...request, ...change }, signal);
    assert.deepEqual((await plan()).warnings, []);
    assert.deepEqual((await plan({ disks: ['scsi1-0'] })).warnings, [
      'Hard disk 1 (scsi0-0) of the VM is not restored and stays as it is.',
    ]);

    const { key } = await lab.addDisk({ vm: 'demo-app', disk: { sizeBytes: MiB, bus: 0 } });
    const extra = (await ground.vm('demo-app')).disks.find((disk) => disk.key === key)!;
    const { warnings } = await plan();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /^Hard disk 3 \(scsi0-1\) of the VM is not restored/);
    const before = await lab.readGuest({ vm: 'demo-app', key, offset: 0, length: 4096 });
    const outcome = await restoreVm(bench.context, request, { signal });
    assert.deepEqual(outcome.warnings, warnings);
    assert.deepEqual(await lab.readGuest({ vm: 'demo-app', key, offset: 0, length: 4096 }), before);
    assert.equal(extra.mode, 'persistent');

    const [first] = (await ground.vm('demo-app')).disks;
    await lab.resizeDisk({ vm: 'demo-app', key: first!.key, sizeBytes: 32 * MiB });
    await assert.rejects(plan(), {
      code: 'not-eligible',
      message: /it had 16777216 bytes and Hard disk 1 has 33554432\. Restore to a new VM instead/,
    });
    await lab.addVm({ name: 'one disk', disks: [{ sizeBytes: 16 * MiB }] });
    const other = { kind: 'in-place', powerOff: true, vm: { name: 'one disk' } } as const;
    await assert.rejects(plan({ target: other }), {
      code: 'not-eligible',
      message: /Hard disk 1 \(scsi0-0\) cannot go back .* in its slot is another disk now/,
    });
    await assert.rejects(restoreVm(bench.context, request, { signal }), { code: 'not-eligible' });
    await ground.assertTidy();
    const { extraConfig } = await ground.vm('demo-app');
    assert.equal(extraConfig['coldframe.unfinished-restore'] ?? '', '');
  });

  test('a VM that gets a snapshot while it is being powered off is not overwritten', async () => {
    await using ground = await labGround({ vddk: false, lab: { taskMs: 400 } });
    const { bench, lab, signal } = ground;
    const { restorePoint } = await backUpVm(bench.context, bench.backup(), { signal });
    const restore = restoreVm(
      bench.context,
      restoreRequest(ground, restorePoint, {
        target: { kind: 'in-place', powerOff: true },
        powerOn: true,
      }),
      { signal },
    );
    const refused = assert.rejects(restore, { code: 'not-eligible', message: /has snapshots/ });
    while ((await bench.context.journal.open()).length === 0) await bench.context.clock.sleep(5);
    const { moref } = await lab.addForeignSnapshot({ vm: 'demo-app', name: 'mine' });
    await refused;
    const { power, extraConfig } = await ground.vm('demo-app');
    assert.equal(power, 'poweredOn', 'it runs again, as it did before');
    assert.equal(extraConfig['coldframe.unfinished-restore'], undefined);
    await lab.removeSnapshot({ vm: 'demo-app', moref });
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
