import type { KeyObject } from 'node:crypto';

import { ColdframeError, type ErrorCode } from '#core/error.ts';
import type { VerifyDamage } from '#core/mover-orders.ts';
import type { VerifyPosition } from '#core/restore-point-marks.ts';

import { ArchiveReader, type ArchiveReaderOptions } from './archive-reader.ts';
import { checkLink, findParent } from './chain.ts';
import { checkChunksHere, mergeRanges, type CheckChunks } from './check-chunks.ts';
import type { ChunkTable } from './chunk-table.ts';
import { diskMembers } from './layout.ts';
import { checkSignature } from './signature.ts';
import { checkMember, checkSealArea, checkSparseMap } from './verify-structure.ts';

export interface VerifyOptions extends ArchiveReaderOptions {
  readonly signal: AbortSignal;
  /** Whose signature every seal must carry; absent: signatures are not looked at. */
  readonly signedBy?: KeyObject | undefined;
  /** How the disks' bytes are digested; default one after the other in this thread. */
  readonly checkChunks?: CheckChunks;
  /** Of a single archive, only a part: from here (absent: its beginning) for about so many bytes of disk data. */
  readonly part?: { readonly from?: VerifyPosition; readonly mostBytes: number } | undefined;
  /** Bytes of disk data that were checked since the last call. */
  readonly onBytes?: (bytes: number) => void;
}

export interface Findings {
  /** Bytes of disk data whose digest was compared. */
  readonly checkedBytes: number;
  readonly damage: readonly VerifyDamage[];
  /** Where to go on; absent: the end was reached. */
  readonly next?: VerifyPosition;
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
  let next: VerifyPosition | undefined;
  for (const file of files) {
    options.signal.throwIfAborted();
    const note = noteOf(file, damage);
    const reader = await attempt(note, '', () => ArchiveReader.open(file, options));
    if (reader === undefined) continue;
    readers.push(stack.use(reader));
    const one = await verifyOne(reader, note, options);
    checkedBytes += one.checkedBytes;
    next = one.next;
  }
  if (readers.length === files.length) checkLinks(readers, damage);
  return { checkedBytes, damage, ...(next === undefined ? {} : { next }) };
}

interface Checked {
  readonly checkedBytes: number;
  readonly next?: VerifyPosition;
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
): Promise<Checked> {
  const { from, mostBytes = Infinity } = options.part ?? {};
  if (from === undefined) await verifyMembers(reader, note, options);
  const labels = reader.header.disks.map(({ label }) => label);
  const first = from === undefined ? 0 : Math.max(0, labels.indexOf(from.label));
  let checkedBytes = 0;
  for (const label of labels.slice(first)) {
    const chunk = label === from?.label ? from.chunk : 0;
    if (checkedBytes >= mostBytes) return { checkedBytes, next: { label, chunk } };
    const disk = await verifyDisk(
      reader,
      { label, chunk, mostBytes: mostBytes - checkedBytes },
      { note, options },
    );
    checkedBytes += disk.checkedBytes;
    if (disk.next !== undefined) return { checkedBytes, next: disk.next };
  }
  return { checkedBytes };
}

/** Everything but the bytes of the disks. */
async function verifyMembers(
  reader: ArchiveReader,
  note: Note,
  { signal, signedBy }: VerifyOptions,
): Promise<void> {
  const diskNames = new Set(
    reader.header.disks.flatMap(({ label }) => [diskMembers(label).raw, diskMembers(label).chunks]),
  );
  for (const member of reader.manifest.members) {
    signal.throwIfAborted();
    await attempt(note, member.name, () => checkMember(reader, member));
    if (!diskNames.has(member.name))
      await attempt(note, member.name, () => reader.readMember(member.name));
  }
  await attempt(note, 'manifest.json', () => checkSealArea(reader));
  if (signedBy !== undefined)
    await attempt(note, 'manifest.json', async () =>
      checkSignature(
        { manifest: reader.manifestBytes, signature: reader.manifest.signature },
        signedBy,
        reader.file.name,
      ),
    );
}

async function verifyDisk(
  reader: ArchiveReader,
  { label, chunk, mostBytes }: VerifyPosition & { readonly mostBytes: number },
  { note, options }: { readonly note: Note; readonly options: VerifyOptions },
): Promise<Checked> {
  const names = diskMembers(label);
  const capacityBytes = reader.describedDisk(label)!.capacityBytes;
  const disk = await attempt(note, names.chunks, () => reader.disk(label));
  if (disk === undefined) {
    // Without its table nothing of the disk can be trusted.
    note(names.raw, `No byte of disk ${label} can be checked.`, [
      { offset: 0, length: capacityBytes },
    ]);
    return { checkedBytes: 0 };
  }
  if (chunk === 0) await attempt(note, names.raw, () => checkSparseMap(reader, disk));
  const to = endOfPart(disk.table, chunk, mostBytes);
  let checkedBytes = 0;
  const ranges = await (options.checkChunks ?? checkChunksHere)({
    archive: reader,
    disk,
    from: chunk,
    to,
    signal: options.signal,
    onBytes: (bytes) => {
      checkedBytes += bytes;
      options.onBytes?.(bytes);
    },
  });
  const merged = mergeRanges(ranges);
  if (merged.length > 0) note(names.raw, messageOf(label, merged), merged);
  return to < disk.table.count ? { checkedBytes, next: { label, chunk: to } } : { checkedBytes };
}

/** At least one chunk, so that every part gets on. */
function endOfPart(table: ChunkTable, from: number, mostBytes: number): number {
  let bytes = 0;
  let to = from;
  for (; to < table.count && bytes < mostBytes; to++) bytes += table.length(to);
  return to;
}

function messageOf(label: string, ranges: readonly { readonly length: number }[]): string {
  const bytes = ranges.reduce((sum, range) => sum + range.length, 0);
  return `${bytes} bytes of disk ${label} in ${ranges.length} places differ from what was backed up. Use another copy of this archive, or restore points that do not need it.`;
}

/** Archives that do not form one chain are no damage when they were named for themselves. */
function checkLinks(readers: readonly ArchiveReader[], damage: VerifyDamage[]): void {
  for (const child of readers) {
    const parent = findParent(child, readers);
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
