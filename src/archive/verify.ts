import { ColdframeError, type ErrorCode } from '#core/error.ts';
import type { VerifyDamage } from '#core/mover-orders.ts';

import { ArchiveReader, type ArchiveReaderOptions } from './archive-reader.ts';
import { checkLink } from './chain.ts';
import { checkChunksHere, mergeRanges, type CheckChunks } from './check-chunks.ts';
import { diskMembers } from './layout.ts';
import { checkMember, checkSealArea, checkSparseMap } from './verify-structure.ts';

export interface VerifyOptions extends ArchiveReaderOptions {
  readonly signal: AbortSignal;
  /** How the disks' bytes are digested; default one after the other in this thread. */
  readonly checkChunks?: CheckChunks;
  /** Bytes of disk data that were checked since the last call. */
  readonly onBytes?: (bytes: number) => void;
}

export interface Findings {
  /** Bytes of disk data whose digest was compared. */
  readonly checkedBytes: number;
  readonly damage: readonly VerifyDamage[];
}

/**
 * Checks every byte of the archives and the links between them, and goes on after damage, so
 * that the answer is complete. Throws only when it was stopped or an archive is 'locked'.
 */
export async function verifyArchives(
  files: readonly string[],
  options: VerifyOptions,
): Promise<Findings> {
  await using stack = new AsyncDisposableStack();
  const damage: VerifyDamage[] = [];
  const readers: ArchiveReader[] = [];
  let checkedBytes = 0;
  for (const file of files) {
    options.signal.throwIfAborted();
    const note = noteOf(file, damage);
    const reader = await attempt(note, '', () => ArchiveReader.open(file, options));
    if (reader === undefined) continue;
    readers.push(stack.use(reader));
    checkedBytes += await verifyOne(reader, note, options);
  }
  if (readers.length === files.length) checkLinks(readers, damage);
  return { checkedBytes, damage };
}

/** Writes down damage in one archive. */
type Note = (member: string, message: string, ranges?: VerifyDamage['ranges']) => void;

function noteOf(file: string, damage: VerifyDamage[]): Note {
  return (member, message, ranges = []) => {
    damage.push({ path: file, member, ranges, message });
  };
}

async function verifyOne(
  reader: ArchiveReader,
  note: Note,
  options: VerifyOptions,
): Promise<number> {
  const diskNames = new Set(
    reader.header.disks.flatMap(({ label }) => [diskMembers(label).raw, diskMembers(label).chunks]),
  );
  for (const member of reader.manifest.members) {
    options.signal.throwIfAborted();
    await attempt(note, member.name, () => checkMember(reader, member));
    if (!diskNames.has(member.name))
      await attempt(note, member.name, () => reader.readMember(member.name));
  }
  await attempt(note, 'manifest.json', () => checkSealArea(reader));
  let checkedBytes = 0;
  for (const { label } of reader.header.disks)
    checkedBytes += await verifyDisk(reader, label, { note, options });
  return checkedBytes;
}

async function verifyDisk(
  reader: ArchiveReader,
  label: string,
  { note, options }: { readonly note: Note; readonly options: VerifyOptions },
): Promise<number> {
  const names = diskMembers(label);
  const capacityBytes = reader.describedDisk(label)!.capacityBytes;
  const disk = await attempt(note, names.chunks, () => reader.disk(label));
  if (disk === undefined) {
    // Without its table nothing of the disk can be trusted.
    note(names.raw, `No byte of disk ${label} can be checked.`, [
      { offset: 0, length: capacityBytes },
    ]);
    return 0;
  }
  await attempt(note, names.raw, () => checkSparseMap(reader, disk));
  let checkedBytes = 0;
  const ranges = await (options.checkChunks ?? checkChunksHere)({
    archive: reader,
    disk,
    signal: options.signal,
    onBytes: (bytes) => {
      checkedBytes += bytes;
      options.onBytes?.(bytes);
    },
  });
  const merged = mergeRanges(ranges);
  if (merged.length > 0) note(names.raw, messageOf(label, merged), merged);
  return checkedBytes;
}

function messageOf(label: string, ranges: readonly { readonly length: number }[]): string {
  const bytes = ranges.reduce((sum, range) => sum + range.length, 0);
  return `${bytes} bytes of disk ${label} in ${ranges.length} places differ from what was backed up. Use another copy of this archive, or restore points that do not need it.`;
}

/** Archives that do not form one chain are no damage when they were named for themselves. */
function checkLinks(readers: readonly ArchiveReader[], damage: VerifyDamage[]): void {
  const byId = new Map(readers.map((reader) => [reader.header.id, reader]));
  for (const child of readers) {
    const parent = byId.get(child.header.parent?.id ?? '');
    if (parent === undefined) continue;
    try {
      checkLink(parent, child);
    } catch (error) {
      if (!(error instanceof ColdframeError)) throw error;
      damage.push({ path: child.file.path, member: '', ranges: [], message: error.message });
    }
  }
}
const notFindings: ReadonlySet<ErrorCode> = new Set(['cancelled', 'locked']);


async function attempt<T>(
  note: Note,
  member: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    // A missing key says nothing about the archive.
    const isFinding = error instanceof ColdframeError && !notFindings.has(error.code);
    if (!isFinding) throw error;
    note(member, error.message);
    return undefined;
  }
}
