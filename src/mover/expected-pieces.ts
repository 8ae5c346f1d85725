import type { DiskChain } from '#archive/chain.ts';
import type { ChainPiece } from '#archive/chain-pieces.ts';
import { ColdframeError } from '#core/error.ts';
import { blake3 } from '#transport/native/digest.ts';
import { chunkRowBytes, chunkZeroFlag } from '#transport/native/slot.ts';
import type { WorkerDisk } from '#transport/native/worker-disk.ts';

/** Pieces per read stream: bounds memory whatever the disk's size. */
const windowPieces = 4096;

export interface CompareOptions {
  readonly chain: DiskChain;
  readonly chunkBytes: number;
  /** Zeros of a fresh disk were not written and are not read. */
  readonly targetIsZero: boolean;
  readonly onRead: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** A part of one chunk's cell of the disk, and what it must read as. */
export interface Expected {
  readonly offset: number;
  readonly length: number;
  /** undefined: zeros. */
  readonly digest: Buffer | undefined;
}

/** What the pieces must read as, in portions for `compareWindow`. */
export async function* expectedWindows(
  pieces: Iterable<ChainPiece>,
  options: CompareOptions,
): AsyncGenerator<readonly Expected[]> {
  const digestOf = pieceDigests(options.chain);
  let window: Expected[] = [];
  for (const piece of pieces) {
    if (piece.zero && options.targetIsZero) continue;
    if (piece.zero) window.push(...zeroCells(piece, options.chunkBytes));
    else
      window.push({
        offset: piece.diskOffset,
        length: piece.length,
        digest: await digestOf(piece),
      });
    if (window.length < windowPieces) continue;
    yield window;
    window = [];
  }
  if (window.length > 0) yield window;
}

/** A run of zeros, cut by the grid that the read stream cuts by. */
function* zeroCells(piece: ChainPiece, chunkBytes: number): Generator<Expected> {
  const end = piece.diskOffset + piece.length;
  for (let offset = piece.diskOffset; offset < end;) {
    const cellEnd = (Math.floor(offset / chunkBytes) + 1) * chunkBytes;
    const length = Math.min(cellEnd, end) - offset;
    yield { offset, length, digest: undefined };
    offset += length;
  }
}

/** The recorded digest of a whole chunk; that of a part is made from the archive's chunk, which is checked first. */
function pieceDigests(chain: DiskChain): (piece: ChainPiece) => Promise<Buffer> {
  const last: { index: number; data: Buffer }[] = [];
  return async ({ layer: number, chunk, start, length }) => {
    const layer = chain.layers[number]!;
    if (start === 0 && length === layer.table.length(chunk)) return layer.table.digest(chunk);
    let loaded = last[number];
    if (loaded?.index !== chunk)
      last[number] = loaded = { index: chunk, data: await layer.readChunk(chunk) };
    return blake3(loaded.data.subarray(start, start + length));
  };
}

/** Reads the pieces from the disk and says of each whether it holds what it must. */
export async function compareWindow(
  expected: readonly Expected[],
  disk: WorkerDisk,
  options: CompareOptions & { readonly onCompared: (piece: Expected, same: boolean) => void },
): Promise<void> {
  const { chunkBytes, onCompared, onRead, signal } = options;
  const extents = Float64Array.from(expected.flatMap(({ offset, length }) => [offset, length]));
  let next = 0;
  for await (const { slots } of disk.read({ extents, chunkBytes, signal }))
    for (const slot of slots) {
      for (let at = 0; at < slot.chunks.length; at += chunkRowBytes) {
        const piece = expected[next++];
        const same = isSame(slot.chunks.subarray(at, at + chunkRowBytes), piece);
        onCompared(piece!, same);
      }
      onRead(slot.data.length);
      slot.release();
    }
  if (next !== expected.length)
    throw new ColdframeError('internal', `Read back ${next} of ${expected.length} pieces.`);
}

function isSame(row: Buffer, expected: Expected | undefined): boolean {
  const offset = row.readUInt32LE(0) + row.readUInt32LE(4) * 2 ** 32;
  const lengthField = row.readUInt32LE(8);
  const length = (lengthField & ~chunkZeroFlag) >>> 0;
  if (expected?.offset !== offset || expected.length !== length)
    throw new ColdframeError('internal', `Read back ${offset}+${length}, which was not asked for.`);
  return expected.digest === undefined
    ? lengthField >= chunkZeroFlag
    : row.subarray(12).equals(expected.digest);
}
