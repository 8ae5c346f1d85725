import { wholeDisk, type ExtentList } from '#core/extents.ts';

import type { ChunkTable } from './chunk-table.ts';

/** Where a range of the disk comes from. */
export interface ChainPiece {
  readonly diskOffset: number;
  readonly length: number;
  /** Index into the layers; -1: no archive maps it, so it reads as zeros. */
  readonly layer: number;
  /** The chunk in that layer's table, and where in it the piece begins. */
  readonly chunk: number;
  readonly start: number;
  /** Every byte is zero. */
  readonly zero: boolean;
}

export interface ChainView {
  /** Oldest first. */
  readonly layers: readonly Pick<
    ChunkTable,
    'count' | 'offset' | 'end' | 'isZero' | 'firstEndingAfter'
  >[];
  /** Of the newest layer; what older ones map beyond it is cut off. */
  readonly capacityBytes: number;
  /** Only these ranges of the disk; default all of it. */
  readonly within?: ExtentList;
}

/**
 * The disk as a chain of archives has it, in pieces in disk order that leave no gap: the newest
 * layer that maps a byte wins. Memory does not grow with the number of chunks.
 */
export function* chainPieces(view: ChainView): Generator<ChainPiece> {
  const { capacityBytes } = view;
  const ranges = view.within ?? wholeDisk(capacityBytes);
  const cursors = new LayerCursors(view.layers);
  for (let i = 0; i < ranges.length; i += 2) {
    const end = Math.min(ranges[i]! + ranges[i + 1]!, capacityBytes);
    cursors.seek(ranges[i]!);
    for (let position = ranges[i]!; position < end;) {
      const piece = cursors.pieceAt(position, end);
      yield piece;
      position += piece.length;
    }
  }
}

/** Where each layer stands: its current chunk, with the chunk's ends at hand in flat arrays. */
class LayerCursors {
  readonly #layers: ChainView['layers'];
  readonly #chunks: Float64Array;
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;

  constructor(layers: ChainView['layers']) {
    this.#layers = layers;
    this.#chunks = new Float64Array(layers.length);
    this.#starts = new Float64Array(layers.length);
    this.#ends = new Float64Array(layers.length);
  }

  seek(offset: number): void {
    for (const [index, layer] of this.#layers.entries())
      this.#place(index, layer.firstEndingAfter(offset));
  }

  /** The longest piece at `offset` that no newer layer interrupts; offsets must not fall. */
  pieceAt(offset: number, limit: number): ChainPiece {
    let end = limit;
    for (let index = this.#layers.length - 1; index >= 0; index--) {
      while (this.#ends[index]! <= offset) this.#place(index, this.#chunks[index]! + 1);
      const start = this.#starts[index]!;
      if (start <= offset) return this.#piece(index, offset, Math.min(end, this.#ends[index]!));
      if (start < end) end = start;
    }
    const length = end - offset;
    return { diskOffset: offset, length, layer: -1, chunk: -1, start: 0, zero: true };
  }

  #place(index: number, chunk: number): void {
    const layer = this.#layers[index]!;
    const isPast = chunk >= layer.count;
    this.#chunks[index] = chunk;
    this.#starts[index] = isPast ? Infinity : layer.offset(chunk);
    this.#ends[index] = isPast ? Infinity : layer.end(chunk);
  }

  #piece(layer: number, offset: number, end: number): ChainPiece {
    const chunk = this.#chunks[layer]!;
    return {
      diskOffset: offset,
      length: end - offset,
      layer,
      chunk,
      start: offset - this.#starts[layer]!,
      zero: this.#layers[layer]!.isZero(chunk),
    };
  }
}
