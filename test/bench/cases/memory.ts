import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { BenchCase, BenchContext, BenchResult } from '../context.ts';
import { timeCommand } from '../timing.ts';

const mostMiB = 300;
const tebibyte = 2 ** 40;

export const memoryCases: readonly BenchCase[] = [
  {
    name: 'memory',
    what: 'resident memory of mover and disk worker: 8 GiB, 2 TiB sparse, a million extents',
    async run(context) {
      const sparse = join(context.scratch, 'sparse.raw');
      await using file = await open(sparse, 'w');
      await file.truncate(2 * tebibyte);
      const extents = join(context.scratch, 'million');
      await writeFile(extents, new Uint8Array(everySecondCell(1_000_000).buffer));
      return {
        'memory-8g': await measure(context, { image: context.image, compression: 'zstd' }),
        'memory-2t-sparse': await measure(context, { image: sparse }),
        'memory-million-extents': await measure(context, { image: sparse, extents }),
      };
    },
  },
];

async function measure(
  context: BenchContext,
  options: Readonly<Record<string, string>>,
): Promise<BenchResult> {
  const out = join(context.scratch, 'memory');
  await timeCommand(`rm -rf ${out} ${out}.state`);
  const sample = await timeCommand(context.ours('backup.ts', { ...options, out }), { rss: true });
  // The bench's own process stands in for the service and is not counted.
  const usedMiB = sample.peakRssBytes / 2 ** 20;
  return {
    ours: usedMiB,
    peer: mostMiB,
    ratio: mostMiB / usedMiB,
    unit: 'MiB resident',
    detail: `${sample.wallS.toFixed(1)} s; the bound counts, not a peer`,
    target: 1,
  };
}

/** 4 KiB at every second MiB: as scattered as it gets. */
function everySecondCell(count: number): Float64Array {
  const pairs = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) pairs.set([i * 2 * 2 ** 20, 4096], 2 * i);
  return pairs;
}
