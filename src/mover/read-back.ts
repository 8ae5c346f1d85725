import type { ChainPiece } from '#archive/chain-pieces.ts';
import { ColdframeError } from '#core/error.ts';
import type { WorkerDisk } from '#transport/native/worker-disk.ts';

import {
  compareWindow,
  expectedWindows,
  type CompareOptions,
  type Expected,
} from './expected-pieces.ts';

/** `sampled` reads one window of so many. */
const sampleEvery = 16;

export interface ReadBackOptions extends CompareOptions {
  readonly how: 'full' | 'sampled';
}

/** Reads what was written and compares it with the archives' digests; throws 'digest-mismatch'. Resolves with the bytes proven. */
export async function readBack(
  pieces: Iterable<ChainPiece>,
  disk: WorkerDisk,
  options: ReadBackOptions,
): Promise<number> {
  let proven = 0;
  let windows = 0;
  for await (const expected of expectedWindows(pieces, options)) {
    if (options.how === 'sampled' && windows++ % sampleEvery !== 0) continue;
    await compareWindow(expected, disk, { ...options, onCompared: requireSame });
    proven += expected.reduce((sum, { length }) => sum + length, 0);
  }
  return proven;
}

function requireSame({ offset, length }: Expected, same: boolean): void {
  if (same) return;
  throw new ColdframeError(
    'digest-mismatch',
    `The disk does not hold what was written to it at bytes ${offset} to ${offset + length - 1}. Check the storage of the datastore.`,
    { details: { offset, length } },
  );
}
