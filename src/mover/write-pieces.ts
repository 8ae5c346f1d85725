import type { ArchiveChain, DiskChain } from '#archive/chain.ts';
import type { ChainPiece } from '#archive/chain-pieces.ts';
import type { WorkerDisk } from '#transport/native/worker-disk.ts';

import { feedPieces } from './piece-feed.ts';
import { stagePieces } from './staged-pieces.ts';
import { Staging } from './staging.ts';

export interface WritePiecesOptions {
  readonly chain: ArchiveChain;
  readonly source: DiskChain;
  /** Zeros need no writing. */
  readonly targetIsZero: boolean;
  readonly onFed: (bytes: number) => void;
  readonly signal: AbortSignal;
}

export interface WrittenPieces {
  readonly writtenBytes: number;
  /** Not written, because the target reads as zero there. */
  readonly zeroBytes: number;
}

/** Writes pieces of a chain's disk, every chunk's digest checked on the way. */
export async function writePieces(
  pieces: Iterable<ChainPiece>,
  disk: WorkerDisk,
  options: WritePiecesOptions,
): Promise<WrittenPieces> {
  const { chain, source, targetIsZero, onFed, signal } = options;
  const files = chain.archives.slice(source.firstArchive).map(({ file }) => file);
  const slotBytes = Math.max(...chain.archives.map(({ header }) => header.chunkBytes));
  const feed = { chain: source, slotBytes: chain.newest.header.chunkBytes, targetIsZero, onFed };
  if (files.every((file) => !file.isEncrypted)) {
    await using stream = disk.write({ archives: files.map(({ fd }) => fd), slotBytes, signal });
    const skipped = await feedPieces(pieces, stream, feed);
    const totals = await stream.finish();
    return { writtenBytes: totals.writtenBytes, zeroBytes: totals.zeroBytes + skipped };
  }
  await using staging = await Staging.open();
  let writtenBytes = 0;
  let zeroBytes = 0;
  for await (const window of stagePieces(pieces, { chain: source, files, staging })) {
    signal.throwIfAborted();
    await using stream = disk.write({ archives: [staging.fd], slotBytes, signal });
    zeroBytes += await feedPieces(window.pieces, stream, { ...feed, place: window.place });
    const totals = await stream.finish();
    writtenBytes += totals.writtenBytes;
    zeroBytes += totals.zeroBytes;
  }
  return { writtenBytes, zeroBytes };
}
