import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { toErrorRecord, type ErrorCode } from '#core/error.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import type { BackupOptions, BackupOutcome } from '#engine/requests.ts';
import { verifyRestorePoint } from '#engine/verify-restore-point.ts';
import type { FaultRule } from '#test/lab/server/faults.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';

async function backUp(
  { bench, signal }: LabGround,
  options: Partial<BackupOptions> = {},
): Promise<BackupOutcome> {
  return backUpVm(bench.context, bench.backup({}, { transports: ['hotadd-own'], ...options }), {
    signal,
  });
}

/** Everything that is listed can be restored, and everything that is there is listed. */
async function assertSound({ bench, signal }: LabGround): Promise<number> {
  const there = await bench.context.repositories.list(bench.repository, signal);
  for (const { header } of there) {
    assert.ok((await bench.catalog.getRestorePoint(header.id)) !== undefined);
    const { damage } = await verifyRestorePoint(
      bench.context,
      { repository: bench.repository, restorePointId: header.id },
      { signal },
    );
    assert.deepEqual(damage, []);
  }
  return there.length;
}

suite('vSphere trouble that a backup survives', () => {
  const cases: readonly (readonly [string, FaultRule])[] = [
    [
      'the answer to CreateSnapshot is lost',
      { on: 'CreateSnapshot_Task', action: { kind: 'lose-answer' } },
    ],
    [
      'the answer to the attach is lost',
      { on: 'ReconfigVM_Task', object: 'coldframe', action: { kind: 'lose-answer' } },
    ],
    [
      'the answer to the detach is lost',
      { on: 'ReconfigVM_Task', object: 'coldframe', skip: 1, action: { kind: 'lose-answer' } },
    ],
    [
      'the answer to RemoveSnapshot is lost',
      { on: 'RemoveSnapshot_Task', action: { kind: 'lose-answer' } },
    ],
    [
      'the login expires at CreateSnapshot',
      { on: 'CreateSnapshot_Task', action: { kind: 'expire-connection' } },
    ],
    [
      'the login expires at the attach',
      { on: 'ReconfigVM_Task', object: 'coldframe', action: { kind: 'expire-connection' } },
    ],
    [
      'the login expires at RemoveSnapshot',
      { on: 'RemoveSnapshot_Task', action: { kind: 'expire-connection' } },
    ],
    [
      'a property read is dropped',
      { on: 'RetrievePropertiesEx', skip: 4, action: { kind: 'drop' } },
    ],
    [
      'vCenter is busy',
      { on: 'RetrievePropertiesEx', skip: 2, times: 2, action: { kind: 'http-503' } },
    ],
  ];
  for (const [name, rule] of cases)
    test(name, async () => {
      await using ground = await labGround({ vddk: false });
      await ground.lab.addFaults([rule]);
      const outcome = await backUp(ground);
      assert.equal(outcome.restorePoint.header.kind, 'full');
      await ground.recover();
      await ground.assertTidy();
      assert.equal(await assertSound(ground), 1);
    });
});

suite('vSphere trouble that ends a backup', () => {
  const cases: readonly (readonly [string, FaultRule, ErrorCode, RegExp])[] = [
    [
      'no snapshot',
      {
        on: 'CreateSnapshot_Task',
        action: { kind: 'task-error', type: 'TooManySnapshotLevels' },
      },
      'not-eligible',
      /./,
    ],
    [
      'the snapshot fails and is there all the same',
      {
        on: 'CreateSnapshot_Task',
        action: {
          kind: 'task-error',
          type: 'SystemError',
          data: { reason: 'injected' },
          afterEffect: true,
        },
      },
      'vsphere-fault',
      /./,
    ],
    [
      'the disks cannot be attached',
      {
        on: 'ReconfigVM_Task',
        object: 'coldframe',
        action: { kind: 'task-error', type: 'FileLocked', data: { file: '[vmfs1] a.vmdk' } },
      },
      'busy',
      /./,
    ],
  ];
  for (const [name, rule, code, message] of cases)
    test(name, async () => {
      await using ground = await labGround({ vddk: false });
      await ground.lab.addFaults([rule]);
      await assert.rejects(backUp(ground), (error: unknown) => {
        const record = toErrorRecord(error);
        assert.equal(record.code, code, record.message);
        assert.match(record.message, message);
        return true;
      });
      await ground.recover();
      await ground.assertTidy();
      assert.equal(await assertSound(ground), 0);
    });
});

suite('after the commit', () => {
  test('a snapshot that cannot be removed is a warning, and is removed later', async () => {
    await using ground = await labGround({ vddk: false });
    await ground.lab.addFaults([
      {
        on: 'RemoveSnapshot_Task',
        action: { kind: 'task-error', type: 'SystemError', data: { reason: 'injected' } },
      },
    ]);
    const { warnings, restorePoint } = await backUp(ground);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /journal entry .* it is tried again/);
    assert.ok(await ground.bench.catalog.getRestorePoint(restorePoint.header.id));
    assert.equal((await ground.vm('demo-app')).snapshots.length, 1);
    assert.deepEqual(await ground.recover(), { undone: 1, open: [] });
    await ground.assertTidy();
  });

  test('a disk that cannot be detached keeps the snapshot until it can', async () => {
    await using ground = await labGround({ vddk: false });
    await ground.lab.addFaults([
      {
        on: 'ReconfigVM_Task',
        object: 'coldframe',
        skip: 1,
        action: { kind: 'task-error', type: 'SystemError', data: { reason: 'injected' } },
      },
    ]);
    const { warnings } = await backUp(ground);
    assert.ok(warnings.some((warning) => /stays until its disks are let go of/.test(warning)));
    assert.equal((await ground.vm('demo-app')).snapshots.length, 1);
    assert.equal((await ground.vm('demo-app')).consolidationNeeded, false);
    assert.deepEqual((await ground.recover()).open, []);
    await ground.assertTidy();
  });
});

suite('quiescing and changed blocks', () => {
  const quiesceFails: FaultRule = {
    on: 'CreateSnapshot_Task',
    action: { kind: 'task-error', type: 'ApplicationQuiesceFault' },
  };

  test('crash-consistent with a warning when the guest cannot be quiesced', async () => {
    await using ground = await labGround({ vddk: false });
    await ground.lab.addFaults([quiesceFails]);
    const { restorePoint, warnings } = await backUp(ground);
    assert.equal(restorePoint.header.consistency, 'crash');
    assert.match(warnings[0]!, /could not be quiesced .* crash-consistent/);
    assert.deepEqual(restorePoint.header.warnings, warnings);
    await ground.assertTidy();
  });

  test('tried again as often as was said, and quiesced when it works then', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, lab, signal } = ground;
    const context = { ...bench.context, quiesceRetryMs: 5 };
    const run = (quiesceRetries: number) =>
      backUpVm(context, bench.backup({}, { quiesceRetries, quiesce: 'required' }), { signal });
    await lab.addFaults([{ ...quiesceFails, times: 3 }]);
    await assert.rejects(run(1));
    const { restorePoint, warnings } = await run(1);
    assert.deepEqual([restorePoint.header.consistency, warnings], ['file-system', []]);
    assert.equal((await lab.counters())['CreateSnapshot_Task'], 4);
    await ground.assertTidy();
  });

  test('a snapshot that takes long to remove says how far it is', async () => {
    await using ground = await labGround({ vddk: false });
    await ground.lab.addFaults([
      { on: 'RemoveSnapshot_Task', action: { kind: 'task-slow', ms: 3000 } },
    ]);
    await backUp(ground);
    assert.ok(ground.bench.log.some((line) => /Removing the snapshot: 95 %/.test(line)));
  });

  test('an error when the job requires it', async () => {
    await using ground = await labGround({ vddk: false });
    await ground.lab.addFaults([quiesceFails]);
    await assert.rejects(backUp(ground, { quiesce: 'required' }));
    await ground.assertTidy();
  });

  test('a disk whose changes vSphere does not know is read whole, the other is not', async () => {
    await using ground = await labGround({ vddk: false });
    await backUp(ground);
    await ground.lab.addFaults([
      {
        on: 'QueryChangedDiskAreas',
        action: { kind: 'soap-fault', type: 'FileFault', data: { file: '[vmfs1] a' } },
      },
    ]);
    const { restorePoint } = await backUp(ground);
    assert.deepEqual(
      restorePoint.header.disks.map(({ mode }) => mode),
      ['full', 'incremental'],
    );
    assert.match(restorePoint.header.disks[0]!.modeReason, /does not know what changed/);
    assert.equal(await assertSound(ground), 2);
    await ground.assertTidy();
  });

  test('a query that is refused is no reason for a full copy', async () => {
    await using ground = await labGround({ vddk: false });
    await backUp(ground);
    const data = { privilegeId: 'VirtualMachine.Provisioning.DiskRandomRead' };
    await ground.lab.addFaults([
      { on: 'QueryChangedDiskAreas', action: { kind: 'soap-fault', type: 'NoPermission', data } },
    ]);
    await assert.rejects(backUp(ground), { code: 'no-permission', message: /DiskRandomRead/ });
    await ground.assertTidy();
    assert.equal(await assertSound(ground), 1);
  });

  test('neither is a connection that breaks at every query: the task ends and tidies up', async () => {
    await using ground = await labGround({ vddk: false });
    await backUp(ground);
    const before = (await ground.lab.counters())['QueryChangedDiskAreas'] ?? 0;
    await ground.lab.addFaults([
      { on: 'QueryChangedDiskAreas', times: 1000, action: { kind: 'drop' } },
    ]);
    await assert.rejects(backUp(ground), {
      code: 'unreachable',
      message: /broke during QueryChangedDiskAreas/,
    });
    const asked = ((await ground.lab.counters())['QueryChangedDiskAreas'] ?? 0) - before;
    assert.equal(asked, 5, 'asked again, but not for ever');
    await ground.assertTidy();
    await ground.lab.clearFaults();
    assert.equal((await backUp(ground)).restorePoint.header.kind, 'incremental');
    assert.equal(await assertSound(ground), 2);
  });

  test('a connection that breaks once is no trouble at all', async () => {
    await using ground = await labGround({ vddk: false });
    await backUp(ground);
    await ground.lab.addFaults([{ on: 'QueryChangedDiskAreas', action: { kind: 'drop' } }]);
    const { restorePoint, warnings } = await backUp(ground);
    assert.equal(restorePoint.header.kind, 'incremental');
    assert.deepEqual(warnings, []);
  });
});
