import { ColdframeError } from '#core/error.ts';

import { diskMembers, headerName, readmeName, scriptName } from './layout.ts';
import { piecesOf, readDisk } from './chain-image.ts';
import { ArchiveReader, type ArchiveReaderOptions } from './archive-reader.ts';
import type { ArchiveWriter } from './archive-writer.ts';
import type { ArchiveChain, DiskChain } from './chain.ts';
import type { DiskReader } from './disk-reader.ts';
import { mappedExtents, syntheticChunks } from './synthetic-chunks.ts';
import { planSlots, type SlotPlan } from './synthetic-slots.ts';
import { readSlots } from './synthetic-source.ts';

export interface SyntheticOptions extends ArchiveReaderOptions {
  readonly signal: AbortSignal;
  /** Called as disks grow; `storedBytes` lags behind. */
  readonly onProgress?: (progress: {
    readonly label: string;
    readonly doneBytes: number;
    readonly totalBytes: number;
  }) => void;
}

export interface SyntheticBytes {
  /** Disk data whose stored bytes were taken over as they were. */
  readonly copiedBytes: number;
  /** Disk data that were decoded and put together anew. */
  readonly rebuiltBytes: number;
}

const leastSlotBytes = 1024 * 1024;

/**
 * Writes members and disks of the chain's newest restore point as one full archive; the writer
 * has begun it. The archives of the chain are only read.
 */
export async function writeSyntheticFull(
  chain: ArchiveChain,
  writer: ArchiveWriter,
  options: SyntheticOptions,
): Promise<SyntheticBytes> {
  const { newest } = chain;
  const isOwn = new Set([headerName, readmeName, scriptName]);
  for (const { name } of newest.manifest.members)
    if (!isOwn.has(name) && !name.startsWith('disks/'))
      await writer.addMember(name, await newest.readMember(name));
  let copiedBytes = 0;
  let rebuiltBytes = 0;
  for (const { label } of newest.header.disks) {
    const { metadata } = diskMembers(label);
    if (newest.member(metadata) !== undefined)
      await writer.addMember(metadata, await newest.readMember(metadata));
    const disk = await writeDisk({ chain, label, writer }, options);
    copiedBytes += disk.copiedBytes;
    rebuiltBytes += disk.rebuiltBytes;
  }
  return { copiedBytes, rebuiltBytes };
}

async function writeDisk(
  {
    chain,
    label,
    writer,
  }: { readonly chain: ArchiveChain; readonly label: string; readonly writer: ArchiveWriter },
  { digester, signal, onProgress }: SyntheticOptions,
): Promise<SyntheticBytes> {
  const disk = await chain.disk(label);
  const { chunkBytes, compression } = chain.newest.header;
  const extents = mappedExtents(piecesOf(disk));
  let totalBytes = 0;
  for (let i = 1; i < extents.length; i += 2) totalBytes += extents[i]!;
  await writer.beginDisk(label, disk.capacityBytes, extents);
  const bytes = { copied: 0, rebuilt: 0 };
  const plans = counted(
    planSlots(syntheticChunks(piecesOf(disk), chunkBytes), {
      layers: disk.layers,
      framed: compression === 'zstd',
      slotBytes: Math.max(chunkBytes, leastSlotBytes),
    }),
    bytes,
  );
  const layers = disk.layers.map((layer, index) => ({
    disk: layer,
    file: chain.archives[disk.firstArchive + index]!.file,
  }));
  let doneBytes = 0;
  for await (const slots of readSlots(plans, { layers, digester })) {
    signal.throwIfAborted();
    doneBytes += slots.reduce((sum, { data }) => sum + data.length, 0);
    await writer.writeSlots(slots);
    onProgress?.({ label, doneBytes, totalBytes });
  }
  await writer.endDisk();
  return { copiedBytes: bytes.copied, rebuiltBytes: bytes.rebuilt };
}

function* counted(
  plans: Iterable<SlotPlan>,
  bytes: { copied: number; rebuilt: number },
): Generator<SlotPlan> {
  for (const plan of plans) {
    bytes[plan.kind] += plan.bytes;
    yield plan;
  }
}

/**
 * Compares what the new archive's chunk tables promise with what the chain holds; that its bytes
 * keep the promise is for `verifyArchives`. Throws 'digest-mismatch' at the first difference.
 */
export async function proveSyntheticFull(
  chain: ArchiveChain,
  filePath: string,
  options: SyntheticOptions,
): Promise<void> {
  await using archive = await ArchiveReader.open(filePath, options);
  for (const { label } of chain.newest.header.disks) {
    const made = await archive.disk(label);
    const disk = await chain.disk(label);
    if (!sameExtents(made, disk)) throw unlike(label, 'it maps other parts of the disk');
    for (let index = 0; index < made.table.count; index++) {
      options.signal.throwIfAborted();
      if (!(await sameChunk(made, index, { disk, options })))
        throw unlike(
          label,
          `bytes ${made.table.offset(index)} to ${made.table.end(index) - 1} differ`,
        );
    }
  }
}

function sameExtents(made: DiskReader, disk: DiskChain): boolean {
  const ours = made.table.extents();
  const theirs = mappedExtents(piecesOf(disk));
  return (
    made.capacityBytes === disk.capacityBytes &&
    ours.length === theirs.length &&
    ours.every((value, i) => value === theirs[i])
  );
}

async function sameChunk(
  { table }: DiskReader,
  index: number,
  { disk, options }: { readonly disk: DiskChain; readonly options: SyntheticOptions },
): Promise<boolean> {
  const offset = table.offset(index);
  const length = table.length(index);
  const [piece] = piecesOf(disk, Float64Array.of(offset, length));
  const source = disk.layers[piece!.layer]!.table;
  const whole =
    piece!.length === length && piece!.start === 0 && source.length(piece!.chunk) === length;
  const digest = whole
    ? source.digest(piece!.chunk)
    : options.digester.digest(await readDisk(disk, offset, length));
  return digest.equals(table.digest(index));
}

function unlike(label: string, what: string): ColdframeError {
  return new ColdframeError(
    'digest-mismatch',
    `The synthetic full was thrown away: disk ${label} is not what the chain holds (${what}). The chain stays as it is; verify it.`,
  );
}
