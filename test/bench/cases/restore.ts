import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { BenchCase, BenchContext, BenchResult } from '../context.ts';
import { warm } from '../image.ts';
import { nbdkit } from '../peers.ts';
import { fromPair } from '../result.ts';
import { shellQuote } from '../shell-quote.ts';
import { timeCommand, timePair } from '../timing.ts';

const run = promisify(execFile);

export const restoreCases: readonly BenchCase[] = [
  {
    name: 'restore-vs-nbdcopy',
    what: 'restore to a fresh sparse disk, read-back off, against nbdcopy and dd of the raw file',
    async run(context) {
      const plain = await restores(context, 'none');
      const packed = await restores(context, 'zstd');
      return {
        'restore-vs-nbdcopy': { ...plain.copy, target: 1.2 },
        'restore-plain-vs-dd': { ...plain.dd, target: 0.8 },
        'restore-zstd-vs-nbdcopy': packed.copy,
        'restore-zstd-vs-dd': { ...packed.dd, target: 0.65 },
      };
    },
  },
];

async function restores(
  context: BenchContext,
  compression: 'none' | 'zstd',
): Promise<{ copy: BenchResult; dd: BenchResult }> {
  const out = join(context.scratch, `restore-${compression}`);
  await timeCommand(context.ours('backup.ts', { image: context.image, out, compression }));
  const { stdout } = await run('find', [out, '-name', '*.tar*']);
  const archive = stdout.trim();
  const capacity = String((await stat(context.image)).size);
  const [target, raw] = [
    join(context.scratch, 'restored.raw'),
    join(context.scratch, 'copied.raw'),
  ];
  const ours = context.ours('restore.ts', { archive, target, capacity });
  const before = `rm -rf ${[target, `${target}.state`, raw].map(shellQuote).join(' ')}; truncate -s ${capacity} ${shellQuote(raw)}; sync`;
  const copy = nbdkit(raw, `nbdcopy --flush --target-is-zero ${shellQuote(context.image)} "$uri"`, {
    plugin: context.nbdkitPlugin,
    writable: true,
  });
  const dd = `dd if=${shellQuote(context.image)} of=${shellQuote(raw)} bs=1M conv=sparse,fsync,notrunc status=none`;
  const options = { rounds: context.rounds, before: { ours: before, peer: before } };
  // The archive comes from the page cache as the peers' raw file does.
  await warm(archive);
  const againstCopy = await timePair(ours, copy, options);
  const againstDd = await timePair(ours, dd, options);
  // A bench must not time a wrong result.
  await timeCommand(before);
  await timeCommand(ours);
  await run('cmp', [target, context.image]);
  await run('rm', ['-rf', out, target, raw]);
  return { copy: fromPair(againstCopy), dd: fromPair(againstDd) };
}
