import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { runDemo } from './demo.ts';
import { createScreen } from './screen.ts';
import { setStage } from './stage.ts';

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
const dir = values.dir ?? (await mkdtemp(join(tmpdir(), 'coldframe-demo-')));
const started = performance.now();
screen.say('coldframe demo: a simulated vCenter with real disks, one VM, every byte compared\n');
try {
  await using stage = await screen.step('Start the lab and the service', async () => {
    const value = await setStage({ dir, lab: {} });
    return { value, said: `vCenter on ${value.lab.address}` };
  });
  const archives = await runDemo(stage, screen);
  const more = values.keep ? '' : ' Look around with: npm run demo -- --keep';
  screen.say(`\nAll good after ${((performance.now() - started) / 1000).toFixed(0)} s.${more}`);
  if (values.keep) {
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
        'Press Ctrl-C to stop them.',
      ].join('\n'),
    );
    await new Promise<void>((resolve) => process.once('SIGINT', () => resolve()));
  }
} catch (error) {
  screen.say(`\n${error instanceof Error ? error.message : String(error)}`);
  screen.say(`Logs: ${join(dir, 'service.log')} and ${join(dir, 'lab.log')}`);
  process.exit(1);
}
if (values.dir === undefined && !values.keep) await rm(dir, { recursive: true, force: true });
