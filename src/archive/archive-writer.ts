import { tmpdir } from 'node:os';

import { ColdframeError } from '#core/error.ts';
import type { ExtentList } from '#core/extents.ts';
import {
  formatVersion,
  type ArchivedDisk,
  type ArchivedDiskCounts,
  type Manifest,
  type RestorePointHeader,
} from '#core/restore-point.ts';

import { ByteSpool } from './byte-spool.ts';
import { ChunkCoverage } from './chunk-coverage.ts';
import { checkExtents } from './disk-extents.ts';
import {
  diskMembers,
  extraNamePattern,
  headerName,
  maxSmallMemberBytes,
  readmeName,
  scriptName,
} from './layout.ts';
import type { ArchiveSlot, ByteSink, Digester, FrameCodec } from './ports.ts';
import { restoreReadme, restoreScript } from './restore-files.ts';
import { checkHeader, toJsonBytes } from './schema.ts';
import type { SignManifest } from './signature.ts';
import { SlotLedger } from './slot-ledger.ts';
import { TarMembers, type SparseMember } from './tar-members.ts';

export interface ArchiveWriterOptions {
  /** Where the bytes go; opened and closed by the caller. */
  readonly sink: ByteSink;
  readonly digester: Digester;
  /** Used when the header asks for compression. */
  readonly codec: FrameCodec;
  /** For chunk rows and seek entries beyond `spoolBytes`; default the system's. */
  readonly spoolDir?: string;
  /** Default 16 MiB. */
  readonly spoolBytes?: number;
  /** Signs the seal; absent: it is not signed. */
  readonly sign?: SignManifest | undefined;
  /** Bytes under way before `writeSlots` waits; default 32 MiB. */
  readonly pendingBytes?: number;
}

export interface SealedArchive {
  readonly manifest: Manifest;
  /** Hex BLAKE3-256 of manifest.json. */
  readonly seal: string;
  readonly archiveBytes: number;
}

interface OpenDisk {
  readonly disk: ArchivedDisk;
  readonly member: SparseMember;
  readonly coverage: ChunkCoverage;
  readonly rows: ByteSpool;
}

/**
 * Writes one archive, front to back: begin, addMember..., per disk addMember (metadata),
 * beginDisk, writeSlots..., endDisk, and last seal. Anything out of order or in disagreement
 * throws, and an archive that was not sealed is not one. Dispose (or `abort`) gives up.
 */
export class ArchiveWriter implements AsyncDisposable {
  readonly #options: ArchiveWriterOptions;
  readonly #ledger = new SlotLedger();
  readonly #counts: ArchivedDiskCounts[] = [];
  #header: RestorePointHeader | undefined;
  #members: TarMembers | undefined;
  #open: OpenDisk | undefined;
  #ended = false;

  constructor(options: ArchiveWriterOptions) {
    this.#options = options;
  }

  /** Bytes of the file so far; lags behind what was handed over. */
  get storedBytes(): number {
    return this.#members?.fileBytes ?? 0;
  }

  /** Writes restore-point.json, RESTORE.txt and restore.sh. */
  async begin(header: RestorePointHeader): Promise<void> {
    if (this.#header !== undefined) throw misuse('begin was called twice');
    checkHeader(header);
    this.#header = header;
    const { sink, digester, codec } = this.#options;
    this.#members = new TarMembers({
      sink,
      digester,
      codec,
      ledger: this.#ledger,
      compression: header.compression,
      createdAtMs: header.createdAtMs,
      pendingBytes: this.#options.pendingBytes ?? 32 * 1024 * 1024,
      entries: this.#spool(),
    });
    await this.#members.add(headerName, toJsonBytes(header));
    await this.#members.add(readmeName, restoreReadme(header));
    await this.#members.add(scriptName, restoreScript(), { executable: true });
  }

  /** A file below vm/ (before the first disk), or disks/<label>.metadata.json (before that disk). */
  async addMember(name: string, data: Uint8Array): Promise<void> {
    const { header, members } = this.#writing();
    if (this.#open !== undefined) throw misuse(`member ${name} inside a disk`);
    const next = header.disks.find((disk) => !this.#isDone(disk.label));
    const written = members.list.map((member) => member.name);
    const isMetadata = next !== undefined && name === diskMembers(next.label).metadata;
    const isExtra =
      extraNamePattern.test(name) && !written.some((other) => other.startsWith('disks/'));
    if ((!isMetadata && !isExtra) || written.includes(name))
      throw new ColdframeError('invalid-input', `"${name}" cannot be added to the archive here.`);
    if (data.length > maxSmallMemberBytes)
      throw new ColdframeError('invalid-input', `${name} is too large (${data.length} bytes).`);
    await members.add(name, data);
  }

  /** Starts the next disk of the header; `extents` are the bytes that will follow. */
  async beginDisk(label: string, capacityBytes: number, extents: ExtentList): Promise<void> {
    const { header, members } = this.#writing();
    if (this.#open !== undefined)
      throw misuse(`disk ${label} inside disk ${this.#open.disk.label}`);
    const disk = header.disks.find((candidate) => !this.#isDone(candidate.label));
    if (disk === undefined || disk.label !== label)
      throw misuse(`disk ${label} is not the next disk of the header`);
    if (disk.capacityBytes !== capacityBytes)
      throw misuse(`disk ${label} has ${capacityBytes} bytes, the header says otherwise`);
    checkExtents(label, extents, capacityBytes);
    const member = await members.beginSparse(label, capacityBytes, extents);
    const coverage = new ChunkCoverage(label, extents, header.chunkBytes);
    this.#open = { disk, member, coverage, rows: this.#spool() };
  }

  /** Takes the slots, whatever happens: each is released when written or given up. */
  async writeSlots(slots: readonly ArchiveSlot[]): Promise<void> {
    for (const slot of slots) this.#ledger.hold(slot);
    try {
      this.#writing();
      const open = this.#open;
      if (open === undefined) throw misuse('slots outside a disk');
      for (const slot of slots) {
        const bytes = open.coverage.accept(slot.chunks);
        if (bytes !== slot.data.length || bytes === 0)
          throw misuse(`a slot of ${slot.data.length} bytes with rows for ${bytes}`);
        open.rows.append(slot.chunks);
        open.member.write(slot.data);
      }
      await open.member.room();
    } catch (error) {
      await this.abort(error);
      throw error;
    }
  }

  /** Ends the disk's data and writes its chunk table. */
  async endDisk(): Promise<ArchivedDiskCounts> {
    const { members } = this.#writing();
    const open = this.#open;
    if (open === undefined) throw misuse('endDisk without beginDisk');
    open.coverage.finish();
    const names = diskMembers(open.disk.label);
    await open.member.end();
    const digest = await members.addPieces(names.chunks, open.rows);
    members.describeSparse(names.raw, open.member, digest);
    open.rows[Symbol.dispose]();
    const counts = { label: open.disk.label, ...open.coverage.counts };
    this.#counts.push(counts);
    this.#open = undefined;
    return counts;
  }

  /** Writes manifest.json, ends the file and makes it durable. */
  async seal(finishedAtMs: number): Promise<SealedArchive> {
    const { header, members } = this.#writing();
    const missing = header.disks.find((disk) => !this.#isDone(disk.label));
    if (this.#open !== undefined || missing !== undefined)
      throw misuse(`sealing without disk ${missing?.label ?? ''}`);
    const unsigned: Manifest = {
      formatVersion,
      id: header.id,
      finishedAtMs,
      members: [...members.list],
      disks: [...this.#counts],
    };
    const signature = this.#options.sign?.(toJsonBytes(unsigned));
    const manifest = signature === undefined ? unsigned : { ...unsigned, signature };
    const bytes = toJsonBytes(manifest);
    const seal = this.#options.digester.digest(bytes).toString('hex');
    await members.addSeal(bytes, seal);
    const archiveBytes = await members.finish();
    await this.#options.sink.sync();
    this.#ended = true;
    return { manifest, seal, archiveBytes };
  }

  /** Gives up: resolves when no slot is held and the sink is left alone. Later calls do nothing. */
  async abort(
    reason: unknown = new ColdframeError('cancelled', 'The archive was given up.'),
  ): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const error = reason instanceof Error ? reason : new Error(String(reason));
    await this.#members?.abort(error);
    this.#open?.rows[Symbol.dispose]();
    this.#ledger.releaseAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  #writing(): { header: RestorePointHeader; members: TarMembers } {
    if (this.#ended) throw misuse('the archive has ended');
    if (this.#header === undefined || this.#members === undefined)
      throw misuse('begin comes first');
    return { header: this.#header, members: this.#members };
  }

  #isDone(label: string): boolean {
    return this.#counts.some((counts) => counts.label === label);
  }

  #spool(): ByteSpool {
    const { spoolDir, spoolBytes } = this.#options;
    return new ByteSpool({
      dir: spoolDir ?? tmpdir(),
      memoryBytes: spoolBytes ?? 16 * 1024 * 1024,
    });
  }
}

function misuse(what: string): ColdframeError {
  return new ColdframeError('internal', `Archive writer: ${what}. Please report this.`);
}
