import { ColdframeError } from '#core/error.ts';
import type {
  ArchivedDisk,
  Manifest,
  ManifestMember,
  RestorePointHeader,
} from '#core/restore-point.ts';
import type { Secret } from '#core/secret.ts';

import { ArchiveFile } from './archive-file.ts';
import { damaged } from './damage.ts';
import { loadDisk, type DiskReader } from './disk-reader.ts';
import { findSeal } from './find-seal.ts';
import { headerName, maxSmallMemberBytes, sealSumText } from './layout.ts';
import { readMemberHead } from './member-header.ts';
import { checkMemberNames, indexMembers, type MemberList } from './member-list.ts';
import { openTar } from './open-tar.ts';
import type { Digester, FrameDecoder } from './ports.ts';
import { parseHeader, parseManifest } from './schema.ts';
import type { TarSource } from './tar-source.ts';

export interface ArchiveReaderOptions {
  readonly digester: Digester;
  readonly codec: FrameDecoder;
  /** Open what is encrypted. */
  readonly identities?: readonly Secret[];
  readonly signal?: AbortSignal | undefined;
}

interface OpenedArchive {
  readonly file: ArchiveFile;
  readonly tar: TarSource;
  readonly header: RestorePointHeader;
  readonly manifest: Manifest;
  readonly manifestBytes: Buffer;
  readonly sealOffset: number;
  readonly seal: string;
  readonly members: MemberList;
  readonly digester: Digester;
}

/**
 * One sealed archive, with random access to everything in it. Opening reads the seal and the
 * header alone, a few blocks at either end of the file.
 */
export class ArchiveReader implements AsyncDisposable {
  readonly header: RestorePointHeader;
  readonly manifest: Manifest;
  /** manifest.json as it is in the archive. */
  readonly manifestBytes: Buffer;
  /** Hex BLAKE3-256 of manifest.json. */
  readonly seal: string;
  readonly tar: TarSource;
  readonly file: ArchiveFile;
  /** Position in the tar stream where the listed members end and the seal begins. */
  readonly sealOffset: number;
  readonly #members: MemberList;
  readonly #digester: Digester;

  private constructor(opened: OpenedArchive) {
    this.header = opened.header;
    this.manifest = opened.manifest;
    this.manifestBytes = opened.manifestBytes;
    this.seal = opened.seal;
    this.tar = opened.tar;
    this.file = opened.file;
    this.sealOffset = opened.sealOffset;
    this.#members = opened.members;
    this.#digester = opened.digester;
  }

  /**
   * Throws 'not-found', 'io', 'invalid-input' (no archive at all), 'archive-damaged' (also
   * unsealed and truncated), 'archive-version' or 'locked'.
   */
  static async open(filePath: string, options: ArchiveReaderOptions): Promise<ArchiveReader> {
    const file = await ArchiveFile.open(filePath, options.identities);
    try {
      return new ArchiveReader(await readEnds(file, options));
    } catch (error) {
      await file[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Bytes on the disk. */
  get archiveBytes(): number {
    return this.file.storedBytes;
  }

  /** A small member, its digest checked. */
  async readMember(name: string): Promise<Buffer> {
    const member = this.#members.get(name);
    if (member === undefined)
      throw new ColdframeError('not-found', `${this.file.name} has no member ${name}.`);
    return readWhole(this, member, this.#digester);
  }

  member(name: string): ManifestMember | undefined {
    return this.#members.get(name);
  }

  /** What the header says of a disk. */
  describedDisk(label: string): ArchivedDisk | undefined {
    return this.header.disks.find((disk) => disk.label === label);
  }

  /** Loads a disk's chunk table, its digest checked. */
  async disk(label: string): Promise<DiskReader> {
    const disk = this.describedDisk(label);
    if (disk === undefined)
      throw new ColdframeError('not-found', `${this.file.name} has no disk ${label}.`);
    return loadDisk(this, disk, this.#digester);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file[Symbol.asyncDispose]();
  }
}

async function readEnds(file: ArchiveFile, options: ArchiveReaderOptions): Promise<OpenedArchive> {
  const { digester, signal } = options;
  signal?.throwIfAborted();
  const tar = await openTar(file, options.codec);
  const found = await findSeal(tar, file.name);
  signal?.throwIfAborted();
  const sealOffset = found.offset;
  const seal = digester.digest(found.manifest).toString('hex');
  if (found.sum !== sealSumText(seal))
    throw damaged(file.name, 'its seal (manifest.json) differs from its own digest');
  const manifest = parseManifest(found.manifest, file.name);
  const members = indexMembers(manifest, sealOffset, file.name);
  const headerMember = members.get(headerName);
  if (headerMember === undefined) throw damaged(file.name, `${headerName} is missing`);
  const header = parseHeader(await readWhole({ file, tar }, headerMember, digester), file.name);
  if (header.id !== manifest.id)
    throw damaged(file.name, 'its seal belongs to another restore point');
  checkMemberNames(header, manifest, file.name);
  return {
    file,
    tar,
    header,
    manifest,
    manifestBytes: found.manifest,
    sealOffset,
    seal,
    members,
    digester,
  };
}

/** A member that is no sparse file: bytes with the digest and place that the seal promises. */
async function readWhole(
  from: { readonly file: ArchiveFile; readonly tar: TarSource },
  member: ManifestMember,
  digester: Digester,
): Promise<Buffer> {
  const { file, tar } = from;
  if (member.dataBytes > maxSmallMemberBytes)
    throw damaged(file.name, `${member.name} is larger than a small member may be`);
  const head = await readMemberHead(tar, file.name, member.headerOffset);
  const fits =
    head.name === member.name &&
    head.size === member.dataBytes &&
    head.bodyOffset === member.dataOffset;
  if (!fits) throw damaged(file.name, `the tar header of ${member.name} contradicts the seal`);
  const data = await tar.read(member.dataOffset, member.dataBytes);
  if (digester.digest(data).toString('hex') !== member.digest)
    throw damaged(file.name, `${member.name} differs from its digest`);
  return data;
}
