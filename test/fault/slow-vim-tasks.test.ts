import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fork } from 'node:child_process';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ColdframeError } from '#core/error.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { labGround, labOnly } from '#test/support/lab-ground.ts';

import type { ChildOrder } from './engine-child.ts';

const engineChild = fileURLToPath(new URL('engine-child.ts', import.meta.url));

/** Longer than the bench gives a call whose answer was lost, so that only waiting for the task helps. */
const taskMs = 5000;

suite('a vim task that outlives the task that began it', () => {
  test('a snapshot that appears long after the cancel is removed', async () => {
    await using ground = await labGround({ vddk: false, lab: { taskMs } });
    const { bench, lab } = ground;
    await lab.addFaults([
      { on: 'CancelTask', times: 100, action: { kind: 'soap-fault', type: 'NotSupported' } },
    ]);
    const stop = new AbortController();
    const ended = assert.rejects(
      backUpVm(bench.context, bench.backup({}, { quiesce: 'off' }), { signal: stop.signal }),
      { code: 'cancelled' },
    );
    await snapshotUnderWay(lab);
    stop.abort(new ColdframeError('cancelled', 'Cancelled by the administrator.'));
    await ended;
    await ground.assertTidy();
  });

  test('a snapshot that appears long after the engine died is removed', async () => {
    await using only = await labOnly({ vddk: false, lab: { taskMs } });
    const child = fork(engineChild, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const order: ChildOrder = {
      site: only.site,
      work: { kind: 'backup', transports: ['hotadd-own'] },
      death: { victim: 'nobody' },
    };
    child.send(order);
    await snapshotUnderWay(only.lab);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await using ground = await only.open();
    const [left] = await ground.bench.context.journal.open();
    assert.equal(left?.kind, 'snapshot');
    assert.deepEqual(await ground.recover(), { undone: 1, open: [] });
    await ground.assertTidy();
  });
});

async function snapshotUnderWay(lab: Awaited<ReturnType<typeof labOnly>>['lab']): Promise<void> {
  for (;;) {
    const { vms } = await lab.state();
    const asked = ((await lab.counters())['CreateSnapshot_Task'] ?? 0) > 0;
    if (asked && vms.some(({ name, busy }) => name === 'demo-app' && busy)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
