import type { ChainPiece } from '#archive/chain-pieces.ts';
import type { ExtentList } from '#core/extents.ts';
import type { WorkerDisk } from '#transport/native/worker-disk.ts';

import {
  compareWindow,
  expectedWindows,
  type CompareOptions,
  type Expected,
} from './expected-pieces.ts';

export interface Differences {
  /** What the disk holds otherwise than the archives. */
  readonly extents: ExtentList;
  /** Bytes that were read and are as they must be. */
  readonly sameBytes: number;
}

/** Reads the pieces from the disk and finds those whose digests differ from the archives'. */
export async function findDifferences(
  pieces: Iterable<ChainPiece>,
  disk: WorkerDisk,
  options: CompareOptions,
): Promise<Differences> {
  const pairs: number[] = [];
  let sameBytes = 0;
  let end = -1;
  const onCompared = ({ offset, length }: Expected, same: boolean): void => {
    if (same) sameBytes += length;
    else if (offset === end) pairs[pairs.length - 1]! += length;
    else pairs.push(offset, length);
    if (!same) end = offset + length;
  };
  for await (const expected of expectedWindows(pieces, options))
    await compareWindow(expected, disk, { ...options, onCompared });
  return { extents: Float64Array.from(pairs), sameBytes };
}
