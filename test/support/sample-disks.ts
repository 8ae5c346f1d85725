import { normaliseExtents, type ExtentList } from '#core/extents.ts';

import type { Random } from './random.ts';

/** A disk of runs of random bytes, repeated text and zeros, in pieces of 4 KiB. */
export function mixedDisk(random: Random, capacityBytes: number): Buffer {
  const data = Buffer.alloc(capacityBytes);
  for (let at = 0; at < capacityBytes;) {
    const length = Math.min((1 + random.below(24)) * 4096, capacityBytes - at);
    fillRun(random, data.subarray(at, at + length));
    at += length;
  }
  return data;
}

function fillRun(random: Random, run: Buffer): void {
  const kind = random.below(3);
  if (kind === 0) random.fill(run);
  if (kind === 1) run.fill(`line ${random.below(1000)} of a log file\n`);
}

/** Ranges of whole sectors, sorted and merged. */
export function randomExtents(
  random: Random,
  options: { readonly capacityBytes: number; readonly count: number; readonly maxBytes: number },
): ExtentList {
  const pairs: number[] = [];
  const sectors = options.capacityBytes / 512;
  for (let i = 0; i < options.count; i++) {
    const offset = random.below(sectors) * 512;
    pairs.push(offset, (1 + random.below(options.maxBytes / 512)) * 512);
  }
  return normaliseExtents(pairs, options.capacityBytes);
}
