import {
  alignExtents,
  normaliseExtents,
  subtractExtents,
  wholeDisk,
  type ExtentList,
} from './extents.ts';

export interface AuditTurn {
  /** Whole chunks that are said to be unchanged: sorted, merged. */
  readonly areas: ExtentList;
  /** Where the next turn begins. */
  readonly nextOffset: number;
}

/**
 * The next share of what changed block tracking calls unchanged, from where the last turn ended
 * and round past the end of the disk, so that turn by turn all of it is looked at.
 */
export function auditTurn(options: {
  readonly capacityBytes: number;
  readonly changed: ExtentList;
  readonly chunkBytes: number;
  readonly fromOffset: number;
  readonly mostBytes: number;
}): AuditTurn {
  const { capacityBytes, changed, chunkBytes, mostBytes } = options;
  const touched = alignExtents(changed, chunkBytes, capacityBytes);
  const unchanged = subtractExtents(wholeDisk(capacityBytes), touched);
  const from = options.fromOffset < capacityBytes ? options.fromOffset : 0;
  const pairs: number[] = [];
  let leftBytes = Math.ceil(mostBytes / chunkBytes) * chunkBytes;
  let nextOffset = from;
  const take = (low: number, high: number): void => {
    for (let i = 0; i < unchanged.length && leftBytes > 0; i += 2) {
      const start = Math.max(unchanged[i]!, low);
      const end = Math.min(unchanged[i]! + unchanged[i + 1]!, high, start + leftBytes);
      if (start >= end) continue;
      pairs.push(start, end - start);
      leftBytes -= Math.ceil((end - start) / chunkBytes) * chunkBytes;
      nextOffset = end;
    }
  };
  take(from, capacityBytes);
  take(0, from);
  return {
    areas: normaliseExtents(pairs, capacityBytes),
    nextOffset: nextOffset >= capacityBytes ? 0 : nextOffset,
  };
}
