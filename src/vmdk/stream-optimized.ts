import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { ColdframeError } from '#core/error.ts';
import type { ExtentList } from '#core/extents.ts';
import { type DescriptorOptions, descriptor } from './descriptor.ts';
import { type GrainBatch, grainBatches } from './grain-batches.ts';
import {
  directoryAtEnd,
  grainBytes,
  grainRecord,
  grainSectors,
  grainsPerTable,
  markerTypes,
  metadataMarker,
  overheadSectors,
  roundUp,
  sectorBytes,
  sparseHeader,
} from './layout.ts';

const deflateAsync = promisify(deflate);

/** What is encoded: random access, asked for in ascending order and never twice for a byte. */
export interface VmdkSource {
  /** A whole number of 512-byte sectors. */
  readonly capacityBytes: number;
  /** Where data may lie; everything outside reads as zeros and is never asked for. */
  readonly dataExtents: ExtentList;
  /** Fills the whole buffer from the disk's `offset`. */
  readonly read: (buffer: Buffer, offset: number) => Promise<void>;
}

export interface StreamOptimizedOptions extends Omit<DescriptorOptions, 'capacitySectors'> {
  /** zlib level, 1 to 9. */
  readonly level: number;
}

export interface StreamOptimizedResult {
  /** Length of the file. */
  readonly fileBytes: number;
  /** Bytes of disk that the file maps; OVF calls it populatedSize. */
  readonly populatedBytes: number;
}

/** A grain table names sectors with 32 bits. */
const maxFileSectors = 2 ** 32;
const zeroGrain = Buffer.alloc(grainBytes);

/**
 * Yields the file front to back in pieces; returns its sizes. Grains that are all
 * zero are left out. One batch is compressed ahead of the consumer, so memory stays
 * at a few MiB plus four bytes for every 32 MiB of the disk.
 */
export async function* encodeStreamOptimized(
  source: VmdkSource,
  options: StreamOptimizedOptions,
): AsyncGenerator<Buffer, StreamOptimizedResult> {
  const { capacityBytes } = source;
  if (!Number.isSafeInteger(capacityBytes) || capacityBytes <= 0 || capacityBytes % sectorBytes)
    throw new ColdframeError(
      'invalid-input',
      `A VMDK holds whole sectors of ${sectorBytes} bytes; ${capacityBytes} bytes are not.`,
    );
  const capacitySectors = capacityBytes / sectorBytes;
  const tables = Math.ceil(capacityBytes / grainBytes / grainsPerTable);
  const directory = Buffer.alloc(roundUp(tables * 4, sectorBytes));
  let position = 0;
  let populatedBytes = 0;
  /** Notes where a piece begins, in sectors, and moves on. */
  const place = (piece: Buffer): number => {
    const sector = position / sectorBytes;
    position += piece.length;
    if (position / sectorBytes > maxFileSectors)
      throw new ColdframeError(
        'invalid-input',
        'This disk holds too much data for one streamOptimized VMDK (2 TiB compressed).',
      );
    return sector;
  };

  const front = Buffer.alloc(overheadSectors * sectorBytes);
  sparseHeader(capacitySectors, directoryAtEnd).copy(front);
  descriptor({ ...options, capacitySectors }).copy(front, sectorBytes);
  place(front);
  yield front;

  let openTable: { readonly index: number; readonly entries: Buffer } | undefined;
  const closeTable = (): Buffer[] => {
    if (openTable === undefined) return [];
    const { index, entries } = openTable;
    const marker = metadataMarker(markerTypes.grainTable, entries.length / sectorBytes);
    place(marker);
    directory.writeUInt32LE(place(entries), index * 4);
    openTable = undefined;
    return [marker, entries];
  };

  for await (const batch of compressAhead(source, options.level)) {
    for (const { grain, deflated } of batch) {
      const index = Math.floor(grain / grainsPerTable);
      if (openTable?.index !== index) yield* closeTable();
      openTable ??= { index, entries: Buffer.alloc(grainsPerTable * 4) };
      const record = grainRecord(grain * grainSectors, deflated);
      openTable.entries.writeUInt32LE(place(record), (grain % grainsPerTable) * 4);
      populatedBytes += grainBytes;
      yield record;
    }
  }
  yield* closeTable();

  const directoryMarker = metadataMarker(
    markerTypes.grainDirectory,
    directory.length / sectorBytes,
  );
  place(directoryMarker);
  const directorySector = place(directory);
  const tail = Buffer.concat([
    metadataMarker(markerTypes.footer, 1),
    sparseHeader(capacitySectors, BigInt(directorySector)),
    metadataMarker(markerTypes.endOfStream, 0),
  ]);
  place(tail);
  yield directoryMarker;
  yield directory;
  yield tail;
  return { fileBytes: position, populatedBytes: Math.min(populatedBytes, capacityBytes) };
}

interface CompressedGrain {
  readonly grain: number;
  readonly deflated: Buffer;
}

/** Reads and compresses one batch while the consumer is busy with the one before. */
async function* compressAhead(
  source: VmdkSource,
  level: number,
): AsyncGenerator<readonly CompressedGrain[]> {
  let ahead: Promise<readonly CompressedGrain[]> | undefined;
  try {
    for (const batch of grainBatches(source.dataExtents, source.capacityBytes)) {
      const ready = await ahead;
      ahead = compressBatch(source, batch, level);
      // Its failure is thrown where it is awaited; meanwhile it must not count as unhandled.
      ahead.catch(() => undefined);
      if (ready !== undefined) yield ready;
    }
    const last = await ahead;
    ahead = undefined;
    if (last !== undefined) yield last;
  } finally {
    // A consumer that stops early must not close the source under a running read.
    await ahead?.catch(() => undefined);
  }
}

async function compressBatch(
  source: VmdkSource,
  batch: GrainBatch,
  level: number,
): Promise<readonly CompressedGrain[]> {
  const offset = batch.firstGrain * grainBytes;
  // The last grain of a disk is stored whole, with zeros beyond the disk's end.
  const data = Buffer.alloc(batch.count * grainBytes);
  const inside = Math.min(data.length, source.capacityBytes - offset);
  await source.read(data.subarray(0, inside), offset);
  const work: Promise<CompressedGrain>[] = [];
  for (let i = 0; i < batch.count; i++) {
    const bytes = data.subarray(i * grainBytes, (i + 1) * grainBytes);
    if (bytes.equals(zeroGrain)) continue;
    const grain = batch.firstGrain + i;
    work.push(deflateAsync(bytes, { level }).then((deflated) => ({ grain, deflated })));
  }
  return Promise.all(work);
}
