import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { runDemo, type DemoArchives } from './demo.ts';
import { createScreen } from './screen.ts';
import { setStage, type Stage } from './stage.ts';

const { values } = parseArgs({
  options: {
    keep: { type: 'boolean', default: false },
    dir: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  process.stdout.write(
    'npm run demo -- [--keep] [--dir FOLDER]\n\n' +
      '  --keep        leave the lab and the service running and show how to explore them\n' +
      '  --dir FOLDER  put everything there (default: a new folder for temporary files)\n',
  );
  process.exit(0);
}

const screen = createScreen(process.stdout);
/** Whatever ends the demo, a closed terminal too, must not leave the service running. */
const stopped = new Promise<'stopped'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => resolve('stopped'));
});
let exitCode = 0;
const dir = values.dir ?? (await mkdtemp(join(tmpdir(), 'coldframe-demo-')));
const started = performance.now();
screen.say('coldframe demo: a simulated vCenter with real disks, one VM, every byte compared\n');
try {
  await using stage = await screen.step('Start the lab and the service', async () => {
    const value = await setStage({ dir, lab: {} });
    return { value, said: `vCenter on ${value.lab.address}` };
  });
  const archives = await Promise.race([runDemo(stage, screen), stopped]);
  if (archives === 'stopped') {
    exitCode = 130;
    screen.say('\nStopped.');
  } else {
    const more = values.keep ? '' : ' Look around with: npm run demo -- --keep';
    screen.say(`\nAll good after ${((performance.now() - started) / 1000).toFixed(0)} s.${more}`);
    if (values.keep) {
      showPlaces(stage, archives);
      await stopped;
    }
  }
} catch (error) {
  screen.say(`\n${error instanceof Error ? error.message : String(error)}`);
  screen.say(`Logs: ${join(dir, 'service.log')} and ${join(dir, 'lab.log')}`);
  process.exit(1);
}
if (values.dir === undefined && !values.keep) await rm(dir, { recursive: true, force: true });
process.exit(exitCode);

/** Where to look and what to try while the lab and the service go on running. */
function showPlaces(stage: Stage, archives: DemoArchives): void {
  screen.summary('Where things are', [
    ['repository', stage.repositoryDir],
    ['full archive', archives.full],
    ['incremental', archives.incremental],
    ['service log', stage.serviceLog],
  ]);
  screen.say(
    [
      '',
      'The lab and the service go on running. In another terminal:',
      `  export COLDFRAME_DATA_DIR=${stage.dataDir}`,
      '  src/cli/coldframe vm list',
      '  src/cli/coldframe restore-point list',
      '  src/cli/coldframe backup run demo-app --transport hotadd-own',
      `  tar --zstd -tvf ${archives.full}`,
      '',
      `Press Ctrl-C to stop them. ${dir} stays until you remove it.`,
    ].join('\n'),
  );
}
