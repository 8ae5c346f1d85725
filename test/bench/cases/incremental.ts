import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { seededRandom } from '#test/support/random.ts';

import type { BenchCase, BenchContext, BenchResult } from '../context.ts';
import { median, timeCommand } from '../timing.ts';

const extentBytes = 65_536;
const mostCpuUs = 25;
/** Time may grow by this much more than the bytes do. */
const proportion = 1.5;

export const incrementalCases: readonly BenchCase[] = [
  {
    name: 'incremental-extents',
    what: '1,000, 10,000 and 100,000 scattered 64 KiB extents into nothing',
    async run(context) {
      const base = await measure(context, 0);
      const results: Record<string, BenchResult> = {};
      const perExtent: number[] = [];
      for (const count of [1000, 10_000, 100_000]) {
        const sample = await measure(context, count);
        // What starting costs is paid once, whatever the number.
        const cpuUs = ((sample.cpuS - base.cpuS) / count) * 1e6;
        perExtent.push((sample.wallS - base.wallS) / count);
        results[`incremental-cpu-${count}`] = {
          ours: cpuUs,
          peer: mostCpuUs,
          ratio: mostCpuUs / cpuUs,
          unit: 'µs CPU an extent',
          detail: `${sample.wallS.toFixed(2)} s in all; the bound counts, not a peer`,
          // A thousand extents take less than the noise of starting two processes.
          ...(count === 1000 ? {} : { target: 1 }),
        };
      }
      const growth = perExtent[2]! / perExtent[1]!;
      results['incremental-proportion'] = {
        ours: growth,
        peer: proportion,
        ratio: proportion / growth,
        unit: 'time per byte, 100,000 against 10,000 extents',
        detail: 'start-up subtracted',
        target: 1,
      };
      return results;
    },
  },
];

async function measure(
  context: BenchContext,
  count: number,
): Promise<{ wallS: number; cpuS: number }> {
  const extents = join(context.scratch, `extents-${count}`);
  await writeFile(extents, new Uint8Array(scattered(count, 8 * 2 ** 30).buffer));
  const command = context.ours('read.ts', {
    image: context.image,
    extents,
    'state-dir': join(context.scratch, 'incremental'),
  });
  await timeCommand(command);
  const samples = [];
  for (let i = 0; i < context.rounds; i++) samples.push(await timeCommand(command));
  return { wallS: median(samples.map((s) => s.wallS)), cpuS: median(samples.map((s) => s.cpuS)) };
}

/** `count` cells of the disk, drawn without repetition, in order. */
function scattered(count: number, diskBytes: number): Float64Array {
  const cells = diskBytes / extentBytes;
  const random = seededRandom(1);
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(random.below(cells));
  const pairs = new Float64Array(count * 2);
  [...drawn]
    .toSorted((a, b) => a - b)
    .forEach((cell, i) => pairs.set([cell * extentBytes, extentBytes], 2 * i));
  return pairs;
}
