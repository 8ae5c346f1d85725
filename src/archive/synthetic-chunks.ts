import type { ExtentList } from '#core/extents.ts';

import type { ChainPiece } from './chain-pieces.ts';

/** A chunk of a full archive that is put together from a chain, and where its bytes come from. */
export interface SyntheticChunk {
  readonly offset: number;
  readonly length: number;
  readonly parts: readonly ChainPiece[];
}

/** The extents of a full copy of the disk: whatever any archive of the chain maps. */
export function mappedExtents(pieces: Iterable<ChainPiece>): ExtentList {
  const extents: number[] = [];
  let end = -1;
  for (const { layer, diskOffset, length } of pieces) {
    if (layer < 0) continue;
    if (diskOffset === end) extents[extents.length - 1]! += length;
    else extents.push(diskOffset, length);
    end = diskOffset + length;
  }
  return Float64Array.from(extents);
}

/** The chunks of that copy, in disk order: parts of its extents, one a cell. */
export function* syntheticChunks(
  pieces: Iterable<ChainPiece>,
  chunkBytes: number,
): Generator<SyntheticChunk> {
  let parts: ChainPiece[] = [];
  let end = -1;
  for (const piece of pieces) {
    if (piece.layer < 0) continue;
    for (const part of cutAtCells(piece, chunkBytes)) {
      const touches = part.diskOffset === end && part.diskOffset % chunkBytes !== 0;
      if (!touches && parts.length > 0) {
        yield chunkOf(parts);
        parts = [];
      }
      parts.push(part);
      end = part.diskOffset + part.length;
    }
  }
  if (parts.length > 0) yield chunkOf(parts);
}

/** A layer with larger chunks than the new archive has pieces that reach over several cells. */
function* cutAtCells(piece: ChainPiece, chunkBytes: number): Generator<ChainPiece> {
  const end = piece.diskOffset + piece.length;
  const firstCellEnd = (Math.floor(piece.diskOffset / chunkBytes) + 1) * chunkBytes;
  if (end <= firstCellEnd) {
    yield piece;
    return;
  }
  for (let at = piece.diskOffset; at < end;) {
    const cellEnd = (Math.floor(at / chunkBytes) + 1) * chunkBytes;
    const length = Math.min(end, cellEnd) - at;
    yield { ...piece, diskOffset: at, length, start: piece.start + at - piece.diskOffset };
    at += length;
  }
}

function chunkOf(parts: readonly ChainPiece[]): SyntheticChunk {
  const [first] = parts;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return { offset: first!.diskOffset, length, parts };
}
