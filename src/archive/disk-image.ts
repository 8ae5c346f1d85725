import type { ExtentList } from '#core/extents.ts';

import { piecesOf } from './chain-image.ts';
import type { DiskChain } from './chain.ts';
import type { ChainPiece } from './chain-pieces.ts';
import type { ChunkCache } from './chunk-cache.ts';

/** A run of a disk's bytes; without `data` they are all zero. */
export interface DiskRun {
  readonly length: number;
  readonly data?: Buffer;
}

/** A run of a disk: data somewhere in it, known zeros, or bytes that no archive maps (zeros too). */
export interface DiskState {
  readonly length: number;
  readonly kind: 'data' | 'zero' | 'unmapped';
}

/** A chain's disk for random access by many readers at once; every chunk's digest is checked. */
export class DiskImage {
  readonly label: string;
  readonly capacityBytes: number;
  readonly #chain: DiskChain;
  readonly #cache: ChunkCache;

  constructor(chain: DiskChain, cache: ChunkCache) {
    this.label = chain.label;
    this.capacityBytes = chain.capacityBytes;
    this.#chain = chain;
    this.#cache = cache;
  }

  /** Runs that add up to `length`; the caller must not change their bytes. */
  async read(offset: number, length: number): Promise<readonly DiskRun[]> {
    const pieces = [...piecesOf(this.#chain, Float64Array.of(offset, length))];
    return Promise.all(pieces.map((piece) => this.#run(piece)));
  }

  /** The same bytes in a buffer of the caller's. */
  async fill(target: Buffer, offset: number): Promise<void> {
    let at = 0;
    for (const { data, length } of await this.read(offset, target.length)) {
      if (data === undefined) target.fill(0, at, at + length);
      else data.copy(target, at);
      at += length;
    }
  }

  /** What is where, neighbours of one kind joined; at most `most` runs, from `offset` on. */
  states(range: { readonly offset: number; readonly length: number }, most: number): DiskState[] {
    const states: { length: number; kind: DiskState['kind'] }[] = [];
    for (const piece of piecesOf(this.#chain, Float64Array.of(range.offset, range.length))) {
      const kind = piece.layer < 0 ? 'unmapped' : piece.zero ? 'zero' : 'data';
      const last = states.at(-1);
      if (last?.kind === kind) last.length += piece.length;
      else if (states.length === most) break;
      else states.push({ length: piece.length, kind });
    }
    return states;
  }

  /** Where data lie; everything else is zero. */
  dataExtents(): ExtentList {
    const pairs: number[] = [];
    let end = -1;
    for (const { zero, diskOffset, length } of piecesOf(this.#chain)) {
      if (zero) continue;
      if (diskOffset === end) pairs[pairs.length - 1]! += length;
      else pairs.push(diskOffset, length);
      end = diskOffset + length;
    }
    return Float64Array.from(pairs);
  }

  async #run({ zero, layer, chunk, start, length }: ChainPiece): Promise<DiskRun> {
    if (zero) return { length };
    const data = await this.#cache.chunk(this.#chain.layers[layer]!, chunk);
    return { length, data: data.subarray(start, start + length) };
  }
}
