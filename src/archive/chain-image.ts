import type { ExtentList } from '#core/extents.ts';

import type { DiskChain } from './chain.ts';
import { chainPieces, type ChainPiece } from './chain-pieces.ts';

/** The pieces of a disk; see `chainPieces`. */
export function piecesOf(chain: DiskChain, within?: ExtentList): Generator<ChainPiece> {
  return chainPieces({
    layers: chain.layers.map((layer) => layer.table),
    capacityBytes: chain.capacityBytes,
    ...(within === undefined ? {} : { within }),
  });
}

/**
 * Random access to the disk that a chain holds: `length` bytes at `offset`, every chunk's
 * digest checked. For tools and single files; restores use the native write stream.
 */
export async function readDisk(chain: DiskChain, offset: number, length: number): Promise<Buffer> {
  const target = Buffer.alloc(length);
  for (const piece of piecesOf(chain, Float64Array.of(offset, length))) {
    if (piece.zero) continue;
    const chunk = await chain.layers[piece.layer]!.readChunk(piece.chunk);
    chunk.copy(target, piece.diskOffset - offset, piece.start, piece.start + piece.length);
  }
  return target;
}
