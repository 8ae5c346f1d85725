import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runDemo } from '#test/demo/demo.ts';
import { setStage } from '#test/demo/stage.ts';

/**
 * What `npm run demo` shows, without the show: lab, service and command line as processes of
 * their own; runDemo throws when a byte differs or anything is left behind.
 */
test('back up, change, back up, restore twice, extract by tar, nothing left', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'coldframe-e2e-'));
  await using stage = await setStage({ dir: dir.path, lab: {} });
  await runDemo(stage, {
    step: async (_title, work) => (await work()).value,
    summary: () => undefined,
    say: () => undefined,
  });
});
