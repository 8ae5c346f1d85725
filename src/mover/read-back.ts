import type { DiskChain } from '#archive/chain.ts';
import type { ChainPiece } from '#archive/chain-pieces.ts';
import { ColdframeError } from '#core/error.ts';
import { blake3 } from '#transport/native/digest.ts';
import { chunkRowBytes, chunkZeroFlag } from '#transport/native/slot.ts';
import type { WorkerDisk } from '#transport/native/worker-disk.ts';

/** Pieces per read stream: bounds memory whatever the disk's size. */
const windowPieces = 4096;
/** `sampled` reads one window of so many. */
const sampleEvery = 16;

export interface ReadBackOptions {
  readonly chain: DiskChain;
  readonly chunkBytes: number;
  readonly how: 'full' | 'sampled';
  /** Zeros of a fresh disk were not written and are not read. */
  readonly targetIsZero: boolean;
  readonly onRead: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** A part of one chunk's cell of the disk, and what it must read as. */
interface Expected {
  readonly offset: number;
  readonly length: number;
  /** undefined: zeros. */
  readonly digest: Buffer | undefined;
}

/** Reads what was written and compares it with the archives' digests; throws 'digest-mismatch'. Resolves with the bytes proven. */
export async function readBack(
  pieces: Iterable<ChainPiece>,
  disk: WorkerDisk,
  options: ReadBackOptions,
): Promise<number> {
  let proven = 0;
  let windows = 0;
  for await (const expected of windowsOf(pieces, options)) {
    if (options.how === 'sampled' && windows++ % sampleEvery !== 0) continue;
    await compare(expected, disk, options);
    proven += expected.reduce((sum, { length }) => sum + length, 0);
  }
  return proven;
}

async function* windowsOf(
  pieces: Iterable<ChainPiece>,
  options: ReadBackOptions,
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

async function compare(
  expected: readonly Expected[],
  disk: WorkerDisk,
  { chunkBytes, onRead, signal }: ReadBackOptions,
): Promise<void> {
  const extents = Float64Array.from(expected.flatMap(({ offset, length }) => [offset, length]));
  let next = 0;
  for await (const { slots } of disk.read({ extents, chunkBytes, signal }))
    for (const slot of slots) {
      for (let at = 0; at < slot.chunks.length; at += chunkRowBytes)
        compareRow(slot.chunks.subarray(at, at + chunkRowBytes), expected[next++]);
      onRead(slot.data.length);
      slot.release();
    }
  if (next !== expected.length)
    throw new ColdframeError('internal', `Read back ${next} of ${expected.length} pieces.`);
}

function compareRow(row: Buffer, expected: Expected | undefined): void {
  const offset = row.readUInt32LE(0) + row.readUInt32LE(4) * 2 ** 32;
  const lengthField = row.readUInt32LE(8);
  const length = (lengthField & ~chunkZeroFlag) >>> 0;
  if (expected?.offset !== offset || expected.length !== length)
    throw new ColdframeError('internal', `Read back ${offset}+${length}, which was not asked for.`);
  const same =
    expected.digest === undefined
      ? lengthField >= chunkZeroFlag
      : row.subarray(12).equals(expected.digest);
  if (same) return;
  throw new ColdframeError(
    'digest-mismatch',
    `The disk does not hold what was written to it at bytes ${offset} to ${offset + length - 1}. Check the storage of the datastore.`,
    { details: { offset, length } },
  );
}
