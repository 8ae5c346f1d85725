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
  const cursors = view.layers.map(() => 0);
  for (let i = 0; i < ranges.length; i += 2) {
    const end = Math.min(ranges[i]! + ranges[i + 1]!, capacityBytes);
    yield* piecesOfRange(view.layers, cursors, { offset: ranges[i]!, end });
  }
}

function* piecesOfRange(
  layers: ChainView['layers'],
  cursors: number[],
  range: { readonly offset: number; readonly end: number },
): Generator<ChainPiece> {
  for (const [index, layer] of layers.entries())
    cursors[index] = layer.firstEndingAfter(range.offset);
  for (let position = range.offset; position < range.end;) {
    const piece = pieceAt(layers, cursors, { offset: position, end: range.end });
    yield piece;
    position += piece.length;
  }
}

/** The longest piece at `range.offset` that no newer layer interrupts. */
function pieceAt(
  layers: ChainView['layers'],
  cursors: number[],
  range: { readonly offset: number; readonly end: number },
): ChainPiece {
  const { offset } = range;
  let { end } = range;
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = layers[index]!;
    let cursor = cursors[index]!;
    while (cursor < layer.count && layer.end(cursor) <= offset) cursor++;
    cursors[index] = cursor;
    if (cursor === layer.count) continue;
    const start = layer.offset(cursor);
    if (start > offset) {
      end = Math.min(end, start);
      continue;
    }
    const length = Math.min(end, layer.end(cursor)) - offset;
    const zero = layer.isZero(cursor);
    return { diskOffset: offset, length, layer: index, chunk: cursor, start: offset - start, zero };
  }
  const length = end - offset;
  return { diskOffset: offset, length, layer: -1, chunk: -1, start: 0, zero: true };
}
