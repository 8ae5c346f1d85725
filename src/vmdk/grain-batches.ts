import { alignExtents, type ExtentList } from '#core/extents.ts';
import { grainBytes } from './layout.ts';

export interface GrainBatch {
  readonly firstGrain: number;
  readonly count: number;
}

/** 2 MiB: enough to keep the compression threads busy, small enough to wait for. */
const batchGrains = 32;

/** Neighbouring grains that hold data, ascending, at most 2 MiB at a time. */
export function* grainBatches(
  dataExtents: ExtentList,
  capacityBytes: number,
): Generator<GrainBatch> {
  const aligned = alignExtents(dataExtents, grainBytes, capacityBytes);
  for (let i = 0; i < aligned.length; i += 2) {
    const first = aligned[i]! / grainBytes;
    const end = Math.ceil((aligned[i]! + aligned[i + 1]!) / grainBytes);
    for (let grain = first; grain < end; grain += batchGrains)
      yield { firstGrain: grain, count: Math.min(batchGrains, end - grain) };
  }
}
