import { ColdframeError } from '#core/error.ts';
import type { ArchivedDisk, ManifestMember } from '#core/restore-point.ts';

import type { ArchiveFile } from './archive-file.ts';
import { chunkRowBytes, ChunkTable } from './chunk-table.ts';
import { damaged } from './damage.ts';
import { diskMembers } from './layout.ts';
import { readMemberHead } from './member-header.ts';
import type { Digester } from './ports.ts';
import type { StoredRange, TarSource } from './tar-source.ts';

/** A Buffer cannot be larger. */
const maxTableBytes = 2 ** 32;
/** No table compresses so well; a small file cannot make us allocate without end. */
const maxTableRatio = 4096;
const pieceBytes = 16 * 1024 * 1024;

/** One disk of one archive: its chunk table and where every chunk is stored. */
export interface DiskReader {
  readonly label: string;
  readonly capacityBytes: number;
  readonly table: ChunkTable;
  /** The archive's name, for error texts. */
  readonly fileName: string;
  /** Where a chunk's bytes are stored: in the file as they are, or within one zstd frame. */
  locate(index: number): StoredRange;
  /** A chunk's bytes, its digest checked; throws 'digest-mismatch'. */
  readChunk(index: number): Promise<Buffer>;
}

interface OpenArchive {
  readonly file: ArchiveFile;
  readonly tar: TarSource;
  readonly header: { readonly chunkBytes: number };
  readonly manifest: {
    readonly disks: readonly {
      readonly label: string;
      readonly mappedBytes: number;
      readonly zeroBytes: number;
      readonly chunks: number;
    }[];
  };
  member(name: string): ManifestMember | undefined;
}

export async function loadDisk(
  archive: OpenArchive,
  disk: ArchivedDisk,
  digester: Digester,
): Promise<DiskReader> {
  const { file, tar } = archive;
  const names = diskMembers(disk.label);
  const raw = archive.member(names.raw);
  const chunks = archive.member(names.chunks);
  if (raw === undefined || chunks === undefined)
    throw damaged(file.name, `disk ${disk.label} is not in its seal`);
  await checkRawHead(archive, disk, raw);
  const rows = await readTable(archive, chunks, digester);
  if (raw.digest !== chunks.digest)
    throw damaged(file.name, `the seal has two digests for the chunks of disk ${disk.label}`);
  const table = buildTable(rows, { archive, disk });
  const counts = archive.manifest.disks.find(({ label }) => label === disk.label);
  if (table.mappedBytes !== raw.dataBytes || table.mappedBytes !== counts?.mappedBytes)
    throw damaged(file.name, `the chunk table of disk ${disk.label} does not cover its data`);
  if (table.zeroBytes !== counts.zeroBytes)
    throw damaged(file.name, `the seal counts other zeros on disk ${disk.label} than its chunks`);
  const locate = (index: number): StoredRange =>
    tar.locate(raw.dataOffset + table.position(index), table.length(index));
  return {
    label: disk.label,
    capacityBytes: disk.capacityBytes,
    table,
    fileName: file.name,
    locate,
    readChunk: async (index) => {
      const data = await tar.read(raw.dataOffset + table.position(index), table.length(index));
      if (!digester.digest(data).equals(table.digest(index)))
        throw chunkMismatch(file.name, disk.label, {
          offset: table.offset(index),
          length: table.length(index),
        });
      return data;
    },
  };
}

async function checkRawHead(
  { file, tar }: OpenArchive,
  disk: ArchivedDisk,
  raw: ManifestMember,
): Promise<void> {
  const head = await readMemberHead(tar, file.name, raw.headerOffset);
  const fits =
    head.name === raw.name &&
    head.realSize === disk.capacityBytes &&
    head.bodyOffset + head.size === raw.dataOffset + raw.dataBytes;
  if (!fits) throw damaged(file.name, `the tar header of ${raw.name} contradicts the seal`);
}

async function readTable(
  { file, tar, manifest }: OpenArchive,
  member: ManifestMember,
  digester: Digester,
): Promise<Buffer> {
  const counts = manifest.disks.find((disk) => diskMembers(disk.label).chunks === member.name);
  const promised = (counts?.chunks ?? -1) * chunkRowBytes;
  const end = member.dataOffset + member.dataBytes;
  const most = Math.min(maxTableBytes, file.size * maxTableRatio);
  if (member.dataBytes !== promised || promised > most || end > tar.size)
    throw damaged(file.name, `${member.name} has an impossible size`);
  const rows = Buffer.allocUnsafeSlow(member.dataBytes);
  const hasher = digester.create();
  for (let at = 0; at < rows.length; at += pieceBytes) {
    const length = Math.min(pieceBytes, rows.length - at);
    const piece = await tar.read(member.dataOffset + at, length);
    hasher.update(piece);
    piece.copy(rows, at);
  }
  if (hasher.digest().toString('hex') !== member.digest)
    throw damaged(file.name, `${member.name} differs from its digest`);
  return rows;
}

function buildTable(
  rows: Buffer,
  { archive, disk }: { readonly archive: OpenArchive; readonly disk: ArchivedDisk },
): ChunkTable {
  const { capacityBytes } = disk;
  try {
    return new ChunkTable(rows, { capacityBytes, chunkBytes: archive.header.chunkBytes });
  } catch (cause) {
    throw damaged(archive.file.name, `the chunk table of disk ${disk.label} is not valid`, cause);
  }
}

export function chunkMismatch(
  file: string,
  label: string,
  range: { readonly offset: number; readonly length: number },
): ColdframeError {
  return new ColdframeError(
    'digest-mismatch',
    `${file}: bytes ${range.offset} to ${range.offset + range.length - 1} of disk ${label} are not what was backed up (digest differs). Use another copy of this archive or another restore point.`,
    { details: { file, label, ...range } },
  );
}
