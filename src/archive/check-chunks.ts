import { ColdframeError } from '#core/error.ts';

import type { ArchiveReader } from './archive-reader.ts';
import type { DiskReader } from './disk-reader.ts';

/** A range of the disk. */
export interface DamagedRange {
  readonly offset: number;
  readonly length: number;
}

export interface ChunkCheck {
  readonly archive: ArchiveReader;
  readonly disk: DiskReader;
  /** Chunks of its table: from the first to before the last. */
  readonly from: number;
  readonly to: number;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** Reads and digests chunks of a disk; answers with those that are not what they were. */
export type CheckChunks = (check: ChunkCheck) => Promise<readonly DamagedRange[]>;

/** In this thread, chunk by chunk. */
export const checkChunksHere: CheckChunks = async ({ disk, from, to, signal, onBytes }) => {
  const { table } = disk;
  const damaged: DamagedRange[] = [];
  for (let index = from; index < to; index++) {
    signal.throwIfAborted();
    const length = table.length(index);
    if (!(await isIntact(disk, index))) damaged.push({ offset: table.offset(index), length });
    onBytes(length);
  }
  return damaged;
};

async function isIntact(disk: DiskReader, index: number): Promise<boolean> {
  try {
    disk.locate(index);
    const data = await disk.readChunk(index);
    return !disk.table.isZero(index) || data.every((byte) => byte === 0);
  } catch (error) {
    if (error instanceof ColdframeError) return false;
    throw error;
  }
}

/** Sorted, touching ranges joined. */
export function mergeRanges(ranges: readonly DamagedRange[]): DamagedRange[] {
  const merged: { offset: number; length: number }[] = [];
  for (const range of ranges.toSorted((a, b) => a.offset - b.offset)) {
    const last = merged.at(-1);
    const lastEnd = last === undefined ? -1 : last.offset + last.length;
    if (last !== undefined && range.offset <= lastEnd)
      last.length = Math.max(lastEnd, range.offset + range.length) - last.offset;
    else merged.push({ ...range });
  }
  return merged;
}
