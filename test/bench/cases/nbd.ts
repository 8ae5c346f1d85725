import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { BenchCase, BenchContext, BenchResult } from '../context.ts';
import { warm } from '../image.ts';
import { nbdkit } from '../peers.ts';
import { fromPair } from '../result.ts';
import { timeCommand, timePair } from '../timing.ts';

const run = promisify(execFile);

export const nbdCases: readonly BenchCase[] = [
  {
    name: 'nbd-vs-nbdkit',
    what: 'nbdcopy of a disk out of an archive, against nbdkit serving the extracted raw file',
    run: async (context) => ({
      'nbd-plain-vs-nbdkit': await served(context, 'none'),
      'nbd-zstd-vs-nbdkit': await served(context, 'zstd'),
    }),
  },
];

async function served(context: BenchContext, compression: 'none' | 'zstd'): Promise<BenchResult> {
  const out = join(context.scratch, `nbd-${compression}`);
  await timeCommand(context.ours('backup.ts', { image: context.image, out, compression }));
  const archive = (await run('find', [out, '-name', '*.tar*'])).stdout.trim();
  await warm(archive);
  const ours = context.ours('serve.ts', { archive });
  const peer = nbdkit(context.image, 'nbdcopy "$uri" null:', { plugin: 'file' });
  const pair = await timePair(ours, peer, { rounds: context.rounds });
  await run('rm', ['-rf', out]);
  return fromPair(pair);
}
