import type { DiskChain } from '#archive/chain.ts';
import type { ChainPiece } from '#archive/chain-pieces.ts';
import type { ArchiveFile } from '#archive/archive-file.ts';

import type { PlacedPiece } from './piece-feed.ts';
import type { Staging } from './staging.ts';

/** Bytes and pieces that go to the disk at a time. */
const windowBytes = 24 * 1024 * 1024;
const windowPieces = 8192;

/** Pieces whose archives' bytes lie in the staging file. */
export interface StagedWindow {
  readonly pieces: readonly ChainPiece[];
  readonly place: (piece: ChainPiece) => PlacedPiece;
}

export interface StageOptions {
  readonly chain: DiskChain;
  /** Of each layer of the chain. */
  readonly files: readonly ArchiveFile[];
  readonly staging: Staging;
}

/**
 * Decrypts what the pieces need, a window at a time; the next begins when the caller asks for it, and
 * the one before is gone then. A frame that several pieces of a window share is there once.
 */
export async function* stagePieces(
  pieces: Iterable<ChainPiece>,
  { chain, files, staging }: StageOptions,
): AsyncGenerator<StagedWindow> {
  let window: ChainPiece[] = [];
  let staged = new Map<string, number>();
  const finished = (): StagedWindow => {
    const places = staged;
    const place = (piece: ChainPiece): PlacedPiece => {
      const range = chain.layers[piece.layer]!.locate(piece.chunk);
      return { ...range, archive: 0, fileOffset: places.get(keyOf(piece, range.fileOffset))! };
    };
    return { pieces: window, place };
  };
  for (const piece of pieces) {
    window.push(piece);
    if (!piece.zero) {
      const { fileOffset, storedLength } = chain.layers[piece.layer]!.locate(piece.chunk);
      const key = keyOf(piece, fileOffset);
      if (!staged.has(key))
        staged.set(
          key,
          await staging.put(await files[piece.layer]!.read(fileOffset, storedLength)),
        );
    }
    if (staging.usedBytes < windowBytes && window.length < windowPieces) continue;
    yield finished();
    await staging.clear();
    window = [];
    staged = new Map();
  }
  if (window.length > 0) yield finished();
}

function keyOf({ layer }: ChainPiece, fileOffset: number): string {
  return `${layer} ${fileOffset}`;
}
