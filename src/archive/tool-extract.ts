import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { ColdframeError } from '#core/error.ts';

import type { ArchiveReaderOptions } from './archive-reader.ts';
import { ArchiveChain } from './chain.ts';
import { ChunkCache } from './chunk-cache.ts';
import { DiskImage } from './disk-image.ts';
import { writeWhole } from './partial-file.ts';
import { writeRaw } from './write-raw.ts';

/** Everything is read once, in disk order; neighbours share frames. */
const cacheBytes = 64 * 1024 * 1024;

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
  const cache = new ChunkCache(cacheBytes);
  const disks: DiskImage[] = [];
  for (const label of labels) disks.push(new DiskImage(await chain.disk(label), cache));
  await makeFolder(options.outDir);
  const extracted: ExtractedDisk[] = [];
  for (const disk of disks) extracted.push(await extractDisk(disk, options));
  return extracted;
}

async function extractDisk(
  image: DiskImage,
  { outDir, signal, onProgress }: ExtractOptions,
): Promise<ExtractedDisk> {
  const { label, capacityBytes } = image;
  const target = path.join(outDir, `${label}.raw`);
  const writtenBytes = await writeWhole(target, ({ handle }) =>
    writeRaw(image, handle, {
      signal,
      ...(onProgress && { onProgress: (progress) => onProgress({ label, ...progress }) }),
    }),
  );
  return { label, path: target, capacityBytes, writtenBytes };
}

async function makeFolder(outDir: string): Promise<void> {
  try {
    await mkdir(outDir, { recursive: true });
  } catch (cause) {
    throw new ColdframeError('io', `The folder ${outDir} cannot be made.`, { cause });
  }
}
