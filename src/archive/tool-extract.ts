import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

import { ColdframeError, wrapError } from '#core/error.ts';

import type { ArchiveReaderOptions } from './archive-reader.ts';
import { piecesOf } from './chain-image.ts';
import { ArchiveChain, type DiskChain } from './chain.ts';

export interface ExtractOptions extends ArchiveReaderOptions {
  /** The archives that the newest of them needs, in any order. */
  readonly files: readonly string[];
  /** Made when it is missing. */
  readonly outDir: string;
  /** Labels; default all disks of the newest archive. */
  readonly disks?: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ExtractProgress) => void;
}

export interface ExtractProgress {
  readonly label: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface ExtractedDisk {
  readonly label: string;
  readonly path: string;
  readonly capacityBytes: number;
  /** Bytes that were written; the rest is holes. */
  readonly writtenBytes: number;
}

/**
 * Writes the disks of a chain's newest archive as raw sparse images, every chunk's digest
 * checked. A file has its name only when it is complete; existing ones are not replaced.
 */
export async function extractDisks(options: ExtractOptions): Promise<readonly ExtractedDisk[]> {
  await using chain = await ArchiveChain.open(options.files, options);
  const labels = options.disks ?? chain.newest.header.disks.map((disk) => disk.label);
  const disks: DiskChain[] = [];
  for (const label of labels) disks.push(await chain.disk(label));
  const extracted: ExtractedDisk[] = [];
  for (const disk of disks) extracted.push(await extractDisk(disk, options));
  return extracted;
}

async function extractDisk(disk: DiskChain, options: ExtractOptions): Promise<ExtractedDisk> {
  const { label, capacityBytes } = disk;
  const target = path.join(options.outDir, `${label}.raw`);
  const partial = `${target}.partial`;
  await using stack = new AsyncDisposableStack();
  try {
    await mkdir(options.outDir, { recursive: true });
    await refuseExisting(target);
    const file = await open(partial, 'wx', 0o600);
    stack.defer(() => rm(partial, { force: true }));
    stack.defer(() => file.close());
    await file.truncate(capacityBytes);
    const writtenBytes = await copyPieces(disk, file, options);
    await file.sync();
    await rename(partial, target);
    return { label, path: target, capacityBytes, writtenBytes };
  } catch (error) {
    throw extractError(target, error);
  }
}

async function copyPieces(
  disk: DiskChain,
  file: FileHandle,
  { signal, onProgress }: ExtractOptions,
): Promise<number> {
  const { label, capacityBytes } = disk;
  let written = 0;
  for (const piece of piecesOf(disk)) {
    signal.throwIfAborted();
    if (!piece.zero) {
      const chunk = await disk.layers[piece.layer]!.readChunk(piece.chunk);
      await writeFully(
        file,
        chunk.subarray(piece.start, piece.start + piece.length),
        piece.diskOffset,
      );
      written += piece.length;
    }
    onProgress?.({
      label,
      doneBytes: piece.diskOffset + piece.length,
      totalBytes: capacityBytes,
    });
  }
  return written;
}

async function writeFully(file: FileHandle, data: Buffer, position: number): Promise<void> {
  for (let at = 0; at < data.length;) {
    const { bytesWritten } = await file.write(data, at, data.length - at, position + at);
    at += bytesWritten;
  }
}

async function refuseExisting(target: string): Promise<void> {
  const existing = await open(target, 'r').catch(() => undefined);
  if (existing === undefined) return;
  await existing.close();
  throw new ColdframeError(
    'invalid-input',
    `${target} exists already. Choose another folder or move the file away.`,
  );
}

function extractError(target: string, error: unknown): Error {
  if (error instanceof ColdframeError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return wrapError(
      'no-space',
      `${target}: no space is left. Free some or choose another folder.`,
      error,
    );
  if (code === 'EEXIST')
    return wrapError(
      'busy',
      `${target}.partial exists: another extraction is writing it, or one was killed. Remove it if none is running.`,
      error,
    );
  // An aborted signal's reason is not ours to rename.
  if (code === undefined && error instanceof Error) return error;
  return wrapError('io', `${target} cannot be written.`, error);
}
