import type { ExtentList } from '#core/extents.ts';

/** A row of disks/<label>.chunks: offset u64, length u32 with the zero flag, 32-byte digest; little-endian. */
export const chunkRowBytes = 44;
export const digestBytes = 32;
export const zeroFlag = 0x80000000;

const rowWords = chunkRowBytes / 4;

export interface ChunkTableLimits {
  readonly capacityBytes: number;
  readonly chunkBytes: number;
}

/**
 * The chunks of one disk in one archive, sorted by disk offset. Keeps the rows as they are on
 * disk (44 bytes a chunk), so that a million of them load in milliseconds.
 */
export class ChunkTable {
  readonly count: number;
  readonly mappedBytes: number;
  readonly zeroBytes: number;
  readonly #rows: Buffer;
  readonly #words: Uint32Array;
  /** Where each chunk's bytes begin among the disk's mapped bytes. */
  readonly #positions: Float64Array;

  /** Throws RangeError with the reason when the rows are not a valid table. */
  constructor(rows: Buffer, limits: ChunkTableLimits) {
    if (rows.length % chunkRowBytes !== 0)
      throw new RangeError(`the chunk table has ${rows.length} bytes, not a multiple of 44`);
    this.#rows = rows.byteOffset % 4 === 0 ? rows : copyAligned(rows);
    this.#words = new Uint32Array(this.#rows.buffer, this.#rows.byteOffset, rows.length / 4);
    this.count = rows.length / chunkRowBytes;
    this.#positions = new Float64Array(this.count);
    const sums = this.#check(limits);
    this.mappedBytes = sums.mapped;
    this.zeroBytes = sums.zero;
  }

  offset(index: number): number {
    const word = index * rowWords;
    return this.#words[word]! + this.#words[word + 1]! * 2 ** 32;
  }

  length(index: number): number {
    return (this.#words[index * rowWords + 2]! & ~zeroFlag) >>> 0;
  }

  end(index: number): number {
    return this.offset(index) + this.length(index);
  }

  isZero(index: number): boolean {
    return this.#words[index * rowWords + 2]! >= zeroFlag;
  }

  /** A view of the 32 bytes. */
  digest(index: number): Buffer {
    const at = index * chunkRowBytes + 12;
    return this.#rows.subarray(at, at + digestBytes);
  }

  /** Distance from the first mapped byte of the disk to this chunk's bytes. */
  position(index: number): number {
    return this.#positions[index]!;
  }

  /** First chunk that ends beyond `diskOffset`; `count` when there is none. */
  firstEndingAfter(diskOffset: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.end(middle) > diskOffset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The extents that the chunks are parts of. */
  extents(): ExtentList {
    const out = new Float64Array(this.count * 2);
    let n = 0;
    for (let i = 0; i < this.count; i++) {
      const offset = this.offset(i);
      const previousEnd = n === 0 ? -1 : out[n - 2]! + out[n - 1]!;
      if (offset === previousEnd) out[n - 1]! += this.length(i);
      else {
        out[n++] = offset;
        out[n++] = this.length(i);
      }
    }
    return out.slice(0, n);
  }

  /** One pass over plain arrays: this is most of what opening a long chain costs. */
  #check({ capacityBytes, chunkBytes }: ChunkTableLimits): { mapped: number; zero: number } {
    const words = this.#words;
    const positions = this.#positions;
    let previousEnd = 0;
    let mapped = 0;
    let zero = 0;
    for (let i = 0, word = 0; i < positions.length; i++, word += rowWords) {
      const offset = words[word]! + words[word + 1]! * 2 ** 32;
      const flagged = words[word + 2]!;
      const length = (flagged & ~zeroFlag) >>> 0;
      const end = offset + length;
      if (length === 0 || offset < previousEnd || end > capacityBytes)
        throw new RangeError(`chunk ${i} (${offset}+${length}) overlaps or leaves the disk`);
      if ((offset % chunkBytes) + length > chunkBytes)
        throw new RangeError(`chunk ${i} (${offset}+${length}) crosses the chunk grid`);
      positions[i] = mapped;
      mapped += length;
      if (flagged >= zeroFlag) zero += length;
      previousEnd = end;
    }
    return { mapped, zero };
  }
}

/** A row, as it stands in the table. */
export function chunkRow(chunk: {
  readonly offset: number;
  readonly length: number;
  readonly zero: boolean;
  readonly digest: Uint8Array;
}): Buffer {
  const row = Buffer.allocUnsafeSlow(chunkRowBytes);
  row.writeUInt32LE(chunk.offset % 2 ** 32, 0);
  row.writeUInt32LE(Math.floor(chunk.offset / 2 ** 32), 4);
  row.writeUInt32LE((chunk.length | (chunk.zero ? zeroFlag : 0)) >>> 0, 8);
  row.set(chunk.digest, 12);
  return row;
}

function copyAligned(rows: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(rows.length);
  rows.copy(copy);
  return copy;
}
