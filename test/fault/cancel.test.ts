import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { labGround } from '#test/support/lab-ground.ts';

const reason = new ColdframeError('cancelled', 'Cancelled by the administrator.');

suite('two tasks at one VM', () => {
  test('the second is refused, and the first is not disturbed', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal } = ground;
    const first = backUpVm(bench.context, bench.backup(), { signal });
    while ((await bench.context.journal.open()).length === 0) await bench.context.clock.sleep(5);
    await assert.rejects(backUpVm(bench.context, bench.backup(), { signal }), {
      code: 'busy',
      message: /demo-app is being backed up/,
    });
    await first;
    await ground.assertTidy();
    await backUpVm(bench.context, bench.backup(), { signal });
  });
});

suite('a task that is cancelled tidies up at once', () => {
  for (const transport of ['hotadd-own', 'hotadd-vddk'] as const)
    test(`backup by ${transport}, while bytes move`, async () => {
      await using ground = await labGround({ vddk: true });
      const { bench } = ground;
      const stop = new AbortController();
      await assert.rejects(
        backUpVm(bench.context, bench.backup({}, { transports: [transport] }), {
          signal: stop.signal,
          onProgress: ({ phase }) => {
            if (phase === 'copying') stop.abort(reason);
          },
        }),
        { code: 'cancelled' },
      );
      await ground.assertTidy();
      assert.deepEqual(await bench.context.repositories.list(bench.repository, ground.signal), []);
    });

  test('while vSphere takes the snapshot', async () => {
    await using ground = await labGround({ vddk: false, lab: { taskMs: 600 } });
    const { bench, lab } = ground;
    const stop = new AbortController();
    const ended = assert.rejects(backUpVm(bench.context, bench.backup(), { signal: stop.signal }), {
      code: 'cancelled',
    });
    while (((await lab.counters())['CreateSnapshot_Task'] ?? 0) === 0)
      await bench.context.clock.sleep(10);
    stop.abort(reason);
    await ended;
    await ground.recover();
    await ground.assertTidy();
  });

  test('restore to a new VM', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal } = ground;
    const { restorePoint } = await backUpVm(bench.context, bench.backup(), { signal });
    const stop = new AbortController();
    await assert.rejects(
      restoreVm(
        bench.context,
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
        {
          signal: stop.signal,
          onProgress: ({ phase }) => {
            if (phase === 'copying') stop.abort(reason);
          },
        },
      ),
      { code: 'cancelled' },
    );
    await ground.assertTidy();
    assert.ok(!(await ground.lab.state()).vms.some(({ name }) => name === 'copy'));
  });
});
