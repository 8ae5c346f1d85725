import {
  extentCount,
  normaliseExtents,
  subtractExtents,
  unionExtents,
  wholeDisk,
  type ExtentList,
} from '#core/extents.ts';
import { ColdframeError } from '#core/error.ts';
import type { LostData, VerifyDamage } from '#core/mover-orders.ts';
import type { DiskAreas } from '#core/restore-point-marks.ts';
import type { ArchivedDisk } from '#core/restore-point.ts';

import { ArchiveReader, type ArchiveReaderOptions } from './archive-reader.ts';
import { diskMembers } from './layout.ts';

/** More ranges of a disk than this are told as one from the last of them on. */
const mostRanges = 1000;
const nothing: ExtentList = new Float64Array(0);

/**
 * What each restore point of a chain (files oldest first) cannot give, given the damage in its
 * archives: what is damaged in an old archive is no loss to a newer one that maps it anew.
 */
export async function findLostData(
  files: readonly string[],
  damage: readonly VerifyDamage[],
  options: ArchiveReaderOptions,
): Promise<readonly LostData[]> {
  const lost: LostData[] = [];
  let before: ReadonlyMap<string, ExtentList> = new Map();
  let whole = false;
  for (const path of files) {
    const own = damage.filter((each) => each.path === path);
    // Damage of the file itself, or a link that does not hold: nothing that follows can be opened.
    whole ||= own.some(({ member }) => member === '');
    const after: ReadonlyMap<string, ExtentList> | undefined = whole
      ? undefined
      : await lostAfter(path, { own, before }, options);
    whole ||= after === undefined;
    before = after ?? new Map();
    lost.push({ path, whole, areas: areasOf(before) });
  }
  return lost;
}

interface Step {
  readonly own: readonly VerifyDamage[];
  readonly before: ReadonlyMap<string, ExtentList>;
}

/** By disk; undefined when the archive cannot be opened. */
async function lostAfter(
  path: string,
  { own, before }: Step,
  options: ArchiveReaderOptions,
): Promise<ReadonlyMap<string, ExtentList> | undefined> {
  const reader = await unlessDamaged(() => ArchiveReader.open(path, options));
  if (reader === undefined) return undefined;
  await using archive = reader;
  const after = new Map<string, ExtentList>();
  for (const disk of archive.header.disks) {
    const carried = disk.mode === 'full' ? nothing : (before.get(disk.label) ?? nothing);
    after.set(disk.label, await lostOfDisk(archive, disk, { own, carried }));
  }
  return after;
}

async function lostOfDisk(
  archive: ArchiveReader,
  { label, capacityBytes }: ArchivedDisk,
  { own, carried }: { readonly own: readonly VerifyDamage[]; readonly carried: ExtentList },
): Promise<ExtentList> {
  const table = (await unlessDamaged(() => archive.disk(label)))?.table;
  // Without a table the disk cannot be put together any more, until it is read whole again.
  const all = wholeDisk(capacityBytes);
  if (table === undefined || isAll(carried, capacityBytes)) return all;
  const names = diskMembers(label);
  const found = own
    .filter(({ member }) => member === names.raw || member === names.chunks)
    .flatMap(({ ranges }) => ranges.flatMap(({ offset, length }) => [offset, length]));
  return unionExtents(
    subtractExtents(carried, table.extents()),
    normaliseExtents(found, capacityBytes),
  );
}

function isAll(extents: ExtentList, capacityBytes: number): boolean {
  return extents[0] === 0 && extents[1] === capacityBytes;
}

function areasOf(lost: ReadonlyMap<string, ExtentList>): readonly DiskAreas[] {
  return [...lost]
    .filter(([, extents]) => extentCount(extents) > 0)
    .map(([label, extents]) => ({ label, ranges: rangesOf(extents) }));
}

function rangesOf(extents: ExtentList): DiskAreas['ranges'] {
  const ranges: { offset: number; length: number }[] = [];
  for (let i = 0; i < extents.length; i += 2) {
    const last = ranges.at(-1);
    const end = extents[i]! + extents[i + 1]!;
    if (last !== undefined && ranges.length >= mostRanges) last.length = end - last.offset;
    else ranges.push({ offset: extents[i]!, length: extents[i + 1]! });
  }
  return ranges;
}

async function unlessDamaged<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ColdframeError && damageCodes.has(error.code)) return undefined;
    throw error;
  }
}

const damageCodes = new Set([
  'archive-damaged',
  'archive-version',
  'digest-mismatch',
  'not-found',
  'io',
]);
