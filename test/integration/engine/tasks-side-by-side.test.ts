import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import type { MoverPort } from '#engine/ports.ts';
import { recover } from '#engine/recover.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';

/** The real mover, which first has something else happen. */
function moverAfter({ bench }: LabGround, first: () => Promise<void>): MoverPort {
  return {
    run: async (order, options) => {
      await first();
      return bench.context.mover.run(order, options);
    },
  };
}

async function leaveAttachEntry(ground: LabGround): Promise<void> {
  const own = await ground.vm('coldframe');
  const { moref, disks } = await ground.vm('demo-app');
  await ground.bench.context.journal.intend({
    taskId: 'former',
    kind: 'attach',
    endpointId: ground.bench.endpoint.id,
    detail: {
      applianceMoref: own.moref,
      vmMoref: moref,
      files: disks.map(({ fileName }) => fileName),
    },
  });
}

suite('tasks side by side', () => {
  test('recover leaves a running task its disks, though a former one left an entry about them', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, lab, signal } = ground;
    await leaveAttachEntry(ground);
    const request = bench.backup({}, { transports: ['hotadd-own'] });
    const attached: number[] = [];
    const mover = moverAfter(ground, async () => {
      const runningTaskIds = new Set([request.taskId]);
      await recover(bench.context, { sources: bench.sources, runningTaskIds, signal });
      attached.push((await lab.state()).attachments.length);
    });
    const { warnings } = await backUpVm({ ...bench.context, mover }, request, { signal });
    assert.deepEqual(attached, [2]);
    assert.deepEqual(warnings, []);
    await ground.assertTidy();
  });

  test('an attach that vSphere refuses takes nothing from the task that has the file', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, connection, lab, signal } = ground;
    const own = await ground.vm('coldframe');
    const { disks } = await ground.vm('demo-app');
    await lab.power({ vm: 'demo-app', on: false });
    await connection.attachDisks(
      {
        vmMoref: own.moref,
        disks: disks.map(({ fileName, sizeBytes }) => ({
          fileName,
          capacityBytes: sizeBytes,
          mode: 'independent_nonpersistent' as const,
        })),
      },
      signal,
    );
    await lab.addFaults([
      {
        on: 'ReconfigVM_Task',
        object: 'coldframe',
        action: { kind: 'task-error', type: 'FileLocked', data: { file: disks[0]!.fileName } },
      },
    ]);
    await assert.rejects(
      backUpVm(bench.context, bench.backup({}, { transports: ['hotadd-own'] }), { signal }),
    );
    const { attachments } = await lab.state();
    assert.equal(attachments.length, 2);
    // The file is in use, so vSphere does not let the snapshot go yet; nothing else is open.
    const open = await bench.context.journal.open();
    assert.deepEqual(
      open.map(({ kind }) => kind),
      ['snapshot'],
    );
  });

  test('nobody removes restore points of a VM while a new one builds on them', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, connection, signal } = ground;
    const { clock, repositories } = bench.context;
    await backUpVm(bench.context, bench.backup(), { signal });
    const { moref } = await ground.vm('demo-app');
    const { identity } = await connection.getVm(moref, signal);
    const places = { instanceUuid: identity.instanceUuid, paths: [] };
    const prune = { owner: 'another appliance', applianceId: 'another', token: 'prune', clock };
    let tried = 0;
    const mover = moverAfter(ground, async () => {
      tried += 1;
      await assert.rejects(repositories.lockVm(bench.repository, places, prune), {
        code: 'busy',
        message: /backing up demo-app/,
      });
    });
    await backUpVm({ ...bench.context, mover }, bench.backup(), { signal });
    assert.equal(tried, 1);
    await using lock = await repositories.lockVm(bench.repository, places, prune);
    assert.ok(lock);
    const stop = new AbortController();
    const waits = {
      ...bench.context,
      log: {
        ...bench.context.log,
        info: (text: string) => {
          if (text.startsWith('Waiting: ')) stop.abort(new ColdframeError('cancelled', 'enough'));
        },
      },
    };
    await assert.rejects(backUpVm(waits, bench.backup(), { signal: stop.signal }), {
      code: 'cancelled',
    });
    assert.deepEqual((await ground.vm('demo-app')).snapshots, []);
  });

  test('a VM that a restore is writing cannot be backed up', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal } = ground;
    const { restorePoint } = await backUpVm(bench.context, bench.backup(), { signal });
    const mover = moverAfter(ground, () =>
      assert.rejects(backUpVm(bench.context, bench.backup({ vm: { name: 'copy' } }), { signal }), {
        code: 'not-eligible',
      }),
    );
    const { warnings } = await restoreVm(
      { ...bench.context, mover },
      {
        endpoint: bench.endpoint,
        repository: bench.repository,
        restorePointId: restorePoint.header.id,
        taskId: 'restore1',
        target: { kind: 'new-vm', name: 'copy', keepIdentity: false, onFailure: 'destroy' },
        powerOn: false,
        readBack: 'full',
        transports: ['hotadd-own'],
      },
      { signal },
    );
    assert.deepEqual(warnings, []);
    await ground.assertTidy();
    await backUpVm(bench.context, bench.backup({ vm: { name: 'copy' } }), { signal });
  });
});
