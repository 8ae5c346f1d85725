import type { DiskChain } from '#archive/chain.ts';
import type { ChainPiece } from '#archive/chain-pieces.ts';
import type { StoredRange } from '#archive/tar-source.ts';
import { PieceBatch } from '#transport/native/piece-batch.ts';
import type { WriteStream } from '#transport/native/write-stream.ts';

import { zeroDigest } from './zero-digest.ts';

const batchRows = 1024;

export interface FeedOptions {
  readonly chain: DiskChain;
  /** Longest run of zeros in one row; a slot's size. */
  readonly slotBytes: number;
  /** Zeros need no writing. */
  readonly targetIsZero: boolean;
  readonly onFed: (bytes: number) => void;
  /** Where a piece's chunk is stored; default its archive's file. */
  readonly place?: (piece: ChainPiece) => PlacedPiece;
}

/** Where the stored bytes of a piece's chunk are. */
export interface PlacedPiece extends StoredRange {
  /** Index into the write stream's archives. */
  readonly archive: number;
}

/** Hands the pieces of a disk to the native write stream. Resolves with the bytes of zeros that were left out. */
export async function feedPieces(
  pieces: Iterable<ChainPiece>,
  stream: WriteStream,
  options: FeedOptions,
): Promise<number> {
  let batch = new PieceBatch(batchRows);
  let skipped = 0;
  let fed = 0;
  for (const piece of pieces) {
    fed += piece.length;
    if (!piece.zero) addData(batch, piece, options);
    else if (options.targetIsZero) skipped += piece.length;
    else
      for (const row of zeroRows(piece, options.slotBytes)) {
        addZeros(batch, row);
        if (batch.count >= batchRows) await push();
      }
    if (batch.count >= batchRows) await push();
  }
  await push();
  return skipped;

  async function push(): Promise<void> {
    if (batch.count > 0) await stream.push(batch);
    options.onFed(fed);
    fed = 0;
    batch = new PieceBatch(batchRows);
  }
}

function addData(batch: PieceBatch, piece: ChainPiece, { chain, place }: FeedOptions): void {
  const layer = chain.layers[piece.layer]!;
  const placed = place?.(piece) ?? { ...layer.locate(piece.chunk), archive: piece.layer };
  const { archive, fileOffset, storedLength, isFrame, decodedLength, offsetInDecoded } = placed;
  batch.add({
    archive,
    fileOffset,
    storedLength,
    isFrame,
    decodedLength,
    chunkOffset: offsetInDecoded,
    chunkLength: layer.table.length(piece.chunk),
    pieceOffset: piece.start,
    pieceLength: piece.length,
    diskOffset: piece.diskOffset,
    digest: layer.table.digest(piece.chunk),
    zeros: false,
    skipZero: false,
  });
}

function* zeroRows(
  piece: ChainPiece,
  most: number,
): Generator<{ readonly offset: number; readonly length: number }> {
  for (let at = 0; at < piece.length; at += most)
    yield { offset: piece.diskOffset + at, length: Math.min(most, piece.length - at) };
}

function addZeros(
  batch: PieceBatch,
  row: { readonly offset: number; readonly length: number },
): void {
  batch.add({
    archive: 0,
    fileOffset: 0,
    storedLength: 0,
    isFrame: false,
    decodedLength: row.length,
    chunkOffset: 0,
    chunkLength: row.length,
    pieceOffset: 0,
    pieceLength: row.length,
    diskOffset: row.offset,
    digest: zeroDigest(row.length),
    zeros: true,
    skipZero: false,
  });
}
