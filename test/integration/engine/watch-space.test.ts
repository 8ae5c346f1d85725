import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';

import { backUpVm } from '#engine/back-up-vm.ts';
import type { EngineContext } from '#engine/ports.ts';
import { labGround } from '#test/support/lab-ground.ts';

/** Waits in the middle of the copy until it is told to stop, 20 s at most. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  const tooLong = AbortSignal.timeout(20_000);
  const either = AbortSignal.any([signal, tooLong]);
  if (!either.aborted)
    await new Promise<void>((resolve) =>
      either.addEventListener('abort', () => resolve(), { once: true }),
    );
}

test('a backup ends, and its snapshot goes, when the datastore runs full meanwhile', async () => {
  await using ground = await labGround({ vddk: false });
  const { bench, lab, signal } = ground;
  const { mover } = bench.context;
  const context: EngineContext = {
    ...bench.context,
    spaceCheckMs: 50,
    mover: {
      run: async (order, options) => {
        if (order.kind === 'backup') {
          await lab.setDatastore({ name: 'vmfs1', freeBytes: 1024 });
          await untilAborted(options.signal);
        }
        return mover.run(order, options);
      },
    },
  };
  await assert.rejects(backUpVm(context, bench.backup(), { signal }), {
    code: 'no-space',
    message: /so that its snapshot does not stop the VM\. Datastore vmfs1 has only 0 MiB/,
  });
  await ground.assertTidy();
  const files = await readdir(bench.repository.root, { recursive: true });
  assert.deepEqual(
    files.filter((name) => /\.tar/.test(name)),
    [],
  );
});
