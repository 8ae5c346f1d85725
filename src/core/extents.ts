import { ColdframeError } from './error.ts';

/**
 * A sorted, merged list of byte ranges of a disk as flat pairs
 * [offset0, length0, offset1, length1, ...]. Flat because a fragmented disk has
 * millions of them; doubles are exact to 2^53 bytes (8 PiB, disks end at 62 TiB).
 * Invariant of every list that this module returns: ascending, no overlap, no
 * touching neighbours, no empty range.
 */
export type ExtentList = Float64Array;

export const emptyExtents: ExtentList = new Float64Array(0);

export function extentCount(list: ExtentList): number {
  return list.length / 2;
}

export function extentBytes(list: ExtentList): number {
  let sum = 0;
  for (let i = 1; i < list.length; i += 2) sum += list[i]!;
  return sum;
}

export function wholeDisk(capacityBytes: number): ExtentList {
  return capacityBytes === 0 ? emptyExtents : Float64Array.of(0, capacityBytes);
}

/**
 * Sorts, merges and clips ranges as a source reported them: in any order,
 * doubled or overlapping. A range that begins at or beyond the capacity, or that is
 * not a whole non-negative number, means that the source is talking about
 * another disk.
 */
export function normaliseExtents(pairs: ArrayLike<number>, capacityBytes: number): ExtentList {
  const count = pairs.length / 2;
  const order: { offset: number; end: number }[] = [];
  for (let i = 0; i < count; i++) {
    const offset = pairs[2 * i]!;
    const length = pairs[2 * i + 1]!;
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
      throw new ColdframeError('invalid-input', `Extent ${offset}+${length} is not a byte range.`);
    if (length === 0) continue;
    if (offset >= capacityBytes)
      throw new ColdframeError(
        'invalid-input',
        `Extent at ${offset} lies beyond the disk's ${capacityBytes} bytes.`,
      );
    order.push({ offset, end: Math.min(offset + length, capacityBytes) });
  }
  order.sort((a, b) => a.offset - b.offset);
  return mergeSorted(order);
}

function mergeSorted(ranges: readonly { offset: number; end: number }[]): ExtentList {
  const out = new Float64Array(ranges.length * 2);
  let n = 0;
  for (const { offset, end } of ranges) {
    const previousEnd = n === 0 ? -1 : out[n - 2]! + out[n - 1]!;
    if (n > 0 && offset <= previousEnd) {
      if (end > previousEnd) out[n - 1] = end - out[n - 2]!;
    } else {
      out[n++] = offset;
      out[n++] = end - offset;
    }
  }
  return out.slice(0, n);
}

/** Grows every range outward to multiples of `grainBytes` (clipped to the capacity) and merges. */
export function alignExtents(
  list: ExtentList,
  grainBytes: number,
  capacityBytes: number,
): ExtentList {
  const ranges: { offset: number; end: number }[] = [];
  for (let i = 0; i < list.length; i += 2) {
    const start = Math.floor(list[i]! / grainBytes) * grainBytes;
    const end = Math.ceil((list[i]! + list[i + 1]!) / grainBytes) * grainBytes;
    ranges.push({ offset: start, end: Math.min(end, capacityBytes) });
  }
  return mergeSorted(ranges);
}

/** Ranges in both lists. */
export function intersectExtents(a: ExtentList, b: ExtentList): ExtentList {
  const out: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const start = Math.max(a[i]!, b[j]!);
    const endA = a[i]! + a[i + 1]!;
    const endB = b[j]! + b[j + 1]!;
    const end = Math.min(endA, endB);
    if (start < end) out.push(start, end - start);
    if (endA <= endB) i += 2;
    else j += 2;
  }
  return Float64Array.from(out);
}

/** Ranges of `a` that are not in `b`. */
export function subtractExtents(a: ExtentList, b: ExtentList): ExtentList {
  const out: number[] = [];
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    let start = a[i]!;
    const end = start + a[i + 1]!;
    while (j < b.length && b[j]! + b[j + 1]! <= start) j += 2;
    for (let k = j; k < b.length && b[k]! < end; k += 2) {
      if (b[k]! > start) out.push(start, b[k]! - start);
      start = Math.max(start, b[k]! + b[k + 1]!);
    }
    if (start < end) out.push(start, end - start);
  }
  return Float64Array.from(out);
}

/** Ranges in either list. */
export function unionExtents(a: ExtentList, b: ExtentList): ExtentList {
  const ranges: { offset: number; end: number }[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (j >= b.length || (i < a.length && a[i]! <= b[j]!)) {
      ranges.push({ offset: a[i]!, end: a[i]! + a[i + 1]! });
      i += 2;
    } else {
      ranges.push({ offset: b[j]!, end: b[j]! + b[j + 1]! });
      j += 2;
    }
  }
  return mergeSorted(ranges);
}
