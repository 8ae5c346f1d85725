import { ColdframeError } from '#core/error.ts';
import type { ExtentList } from '#core/extents.ts';

import { chunkRowBytes, zeroFlag } from './chunk-table.ts';

/**
 * Follows the chunk rows of a disk as they arrive and holds them to the extents: a chunk is
 * the part of an extent inside one cell of the grid, in order, none missing, none twice.
 */
export class ChunkCoverage {
  readonly #label: string;
  readonly #extents: ExtentList;
  readonly #chunkBytes: number;
  #extent = 0;
  /** Bytes of the current extent that are covered. */
  #done = 0;
  #chunks = 0;
  #mappedBytes = 0;
  #zeroBytes = 0;

  constructor(label: string, extents: ExtentList, chunkBytes: number) {
    this.#label = label;
    this.#extents = extents;
    this.#chunkBytes = chunkBytes;
  }

  get counts(): { chunks: number; mappedBytes: number; zeroBytes: number } {
    return { chunks: this.#chunks, mappedBytes: this.#mappedBytes, zeroBytes: this.#zeroBytes };
  }

  /** Takes the rows of one slot; returns the bytes that they describe. */
  accept(rows: Buffer): number {
    const before = this.#mappedBytes;
    if (rows.length % chunkRowBytes !== 0) throw this.#wrong('a torn row');
    for (let at = 0; at < rows.length; at += chunkRowBytes) {
      const offset = rows.readUInt32LE(at) + rows.readUInt32LE(at + 4) * 2 ** 32;
      const flagged = rows.readUInt32LE(at + 8);
      this.#acceptChunk(offset, (flagged & ~zeroFlag) >>> 0, flagged >= zeroFlag);
    }
    return this.#mappedBytes - before;
  }

  /** Throws unless every extent is covered to its end. */
  finish(): void {
    if (this.#extent < this.#extents.length)
      throw this.#wrong(`nothing for the extent at ${this.#extents[this.#extent]}`);
  }

  #acceptChunk(offset: number, length: number, zero: boolean): void {
    const start = this.#extents[this.#extent];
    const extentBytes = this.#extents[this.#extent + 1];
    if (start === undefined || extentBytes === undefined)
      throw this.#wrong(`a chunk at ${offset} beyond the last extent`);
    const expected = start + this.#done;
    const cellEnd = (Math.floor(expected / this.#chunkBytes) + 1) * this.#chunkBytes;
    const expectedLength = Math.min(start + extentBytes, cellEnd) - expected;
    if (offset !== expected || length !== expectedLength)
      throw this.#wrong(`chunk ${offset}+${length} instead of ${expected}+${expectedLength}`);
    this.#chunks++;
    this.#mappedBytes += length;
    if (zero) this.#zeroBytes += length;
    this.#done += length;
    if (this.#done === extentBytes) {
      this.#extent += 2;
      this.#done = 0;
    }
  }

  #wrong(what: string): ColdframeError {
    return new ColdframeError(
      'internal',
      `Disk ${this.#label}: the chunks that were read do not match the extents that were ordered (${what}). The archive was not sealed; please report this.`,
    );
  }
}
