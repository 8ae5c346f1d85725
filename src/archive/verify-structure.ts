import type { ManifestMember } from '#core/restore-point.ts';

import type { ArchiveReader } from './archive-reader.ts';
import { damaged } from './damage.ts';
import type { DiskReader } from './disk-reader.ts';
import {
  blockBytes,
  diskMembers,
  manifestName,
  padToBlock,
  sealSumName,
  sparseAlias,
  trailerBytes,
} from './layout.ts';
import { isZero, readMemberHead } from './member-header.ts';
import { SparseMapParser } from './sparse-map.ts';

const pieceBytes = 1024 * 1024;
const sparseRecords = [
  'GNU.sparse.major',
  'GNU.sparse.minor',
  'GNU.sparse.name',
  'GNU.sparse.realsize',
];
const knownRecords = new Set(['path', 'size', 'comment', ...sparseRecords]);

/** Headers that agree with the seal, nothing unknown in them, and zeros up to the next block. */
export async function checkMember(reader: ArchiveReader, member: ManifestMember): Promise<void> {
  const { tar, file } = reader;
  const head = await readMemberHead(tar, file.name, member.headerOffset);
  const end = member.dataOffset + member.dataBytes;
  if (head.name !== member.name || head.bodyOffset + head.size !== end)
    throw damaged(file.name, `the tar header of ${member.name} contradicts the seal`);
  for (const [key, value] of head.records) {
    const isKnown = knownRecords.has(key) && (key !== 'comment' || /^\.*$/.test(value));
    if (!isKnown) throw damaged(file.name, `the tar header of ${member.name} has a foreign record`);
  }
  const disk = reader.header.disks.find(({ label }) => diskMembers(label).raw === member.name);
  if (disk !== undefined && head.records.get('path') !== sparseAlias(disk.label))
    throw damaged(file.name, `the tar header of ${member.name} has another alias`);
  if (disk === undefined && head.realSize !== undefined)
    throw damaged(file.name, `${member.name} is a sparse member`);
  await checkZeros(reader, end, padToBlock(end) - end);
}

/** manifest.blake3 and manifest.json themselves, and the trailer. */
export async function checkSealArea(reader: ArchiveReader): Promise<void> {
  const { tar, file, sealOffset } = reader;
  const sum = await readMemberHead(tar, file.name, sealOffset);
  const manifest = await readMemberHead(tar, file.name, sealOffset + 2 * blockBytes);
  if (sum.name !== sealSumName || manifest.name !== manifestName)
    throw damaged(file.name, 'the members of the seal are not where they belong');
  const sumEnd = sum.bodyOffset + sum.size;
  await checkZeros(reader, sumEnd, padToBlock(sumEnd) - sumEnd);
  const end = manifest.bodyOffset + manifest.size;
  await checkZeros(reader, end, padToBlock(end) - end + trailerBytes);
}

/** The map that tar reads against the chunk table that coldframe reads. */
export async function checkSparseMap(reader: ArchiveReader, disk: DiskReader): Promise<void> {
  const { tar, file } = reader;
  const raw = reader.member(diskMembers(disk.label).raw)!;
  const head = await readMemberHead(tar, file.name, raw.headerOffset);
  const wrong = (): Error =>
    damaged(file.name, `the sparse map of ${raw.name} differs from the chunk table`);
  const extents = disk.table.extents();
  let at = 0;
  const parser = new SparseMapParser((offset, length) => {
    const isTail = at === extents.length && length === 0 && offset === disk.capacityBytes;
    if (isTail) return;
    if (extents[at] !== offset || extents[at + 1] !== length) throw wrong();
    at += 2;
  });
  for (let position = head.bodyOffset; position < raw.dataOffset;) {
    const length = Math.min(pieceBytes, raw.dataOffset - position);
    if (!parser.push(await tar.read(position, length))) throw wrong();
    position += length;
  }
  if (!parser.complete || at !== extents.length) throw wrong();
}

async function checkZeros(reader: ArchiveReader, position: number, length: number): Promise<void> {
  if (!isZero(await reader.tar.read(position, length)))
    throw damaged(reader.file.name, `there are foreign bytes at ${position} of the tar stream`);
}
