import { ColdframeError } from '#core/error.ts';
import { extentBytes, type ExtentList } from '#core/extents.ts';
import type { Compression, ManifestMember } from '#core/restore-point.ts';

import type { ByteSpool } from './byte-spool.ts';
import {
  blockBytes,
  diskMembers,
  manifestName,
  padToBlock,
  sealSumName,
  sealSumText,
  sparseAlias,
  trailerBytes,
} from './layout.ts';
import { aligningComment, paxHeaderBytes, type PaxRecords } from './pax.ts';
import { PlainOutput } from './plain-output.ts';
import type { ByteSink, Digester, FrameCodec } from './ports.ts';
import type { SlotLedger } from './slot-ledger.ts';
import { sparseMapBytes, sparseMapText } from './sparse-map.ts';
import type { TarOutput } from './tar-output.ts';
import { TarPump, type MemberHeader, type OpenMember } from './tar-pump.ts';
import { ZstdOutput } from './zstd-output.ts';

export interface TarMembersOptions {
  readonly sink: ByteSink;
  readonly digester: Digester;
  readonly codec: FrameCodec;
  readonly ledger: SlotLedger;
  readonly compression: Compression;
  /** Becomes every member's mtime. */
  readonly createdAtMs: number;
  readonly pendingBytes: number;
  readonly entries: ByteSpool;
}

export interface SparseMember {
  readonly headerOffset: number;
  readonly dataOffset: number;
  readonly dataBytes: number;
  write(data: Buffer): void;
  room(): Promise<void>;
  end(): Promise<void>;
}

/** ustar has 11 octal digits for seconds and tar-stream 32 signed bits. */
const lastMtimeMs = (2 ** 31 - 1) * 1000;
/** Maps and chunk tables come as fast as memory is copied: little of them may be under way. */
const tableBytes = 4 * 1024 * 1024;
/** From here on ustar's octal size does not suffice. */
const paxSizeFrom = 8 * 1024 ** 3;

/**
 * The members of one tar stream. Keeps account of where each lies, by arithmetic, since
 * tar-stream does not tell; the sum is held against the bytes that really came out.
 */
export class TarMembers {
  readonly list: ManifestMember[] = [];
  readonly #options: TarMembersOptions;
  readonly #output: TarOutput;
  readonly #pump: TarPump;
  #position = 0;

  constructor(options: TarMembersOptions) {
    this.#options = options;
    const { sink, codec, ledger, entries } = options;
    const findSlot = ledger.find.bind(ledger);
    this.#output =
      options.compression === 'zstd'
        ? new ZstdOutput({ sink, codec, findSlot, entries })
        : new PlainOutput(sink, findSlot);
    this.#pump = new TarPump({
      pendingBytes: options.pendingBytes,
      consume: async (buffers) => {
        const slots = buffers.map(findSlot).filter((slot) => slot !== undefined);
        await this.#output.write(buffers);
        ledger.release(slots);
      },
    });
  }

  get fileBytes(): number {
    return this.#output.fileBytes;
  }

  /** A small member, as it is. */
  async add(name: string, data: Uint8Array, options = { executable: false }): Promise<void> {
    const header = this.#header(name, data.length);
    await this.#addListed(options.executable ? { ...header, mode: 0o700 } : header, data);
  }

  /** The last two: manifest.blake3, by which the seal can be checked alone, and the seal. */
  async addSeal(data: Uint8Array, seal: string): Promise<void> {
    const sum = Buffer.from(sealSumText(seal), 'latin1');
    await this.#write(this.#header(sealSumName, sum.length), sum);
    await this.#write(this.#header(manifestName, data.length), data);
  }

  /** A member from a spool; returns its digest. */
  async addPieces(name: string, spool: ByteSpool): Promise<string> {
    const hasher = this.#options.digester.create();
    const headerOffset = this.#position;
    const member = this.#open(this.#header(name, spool.length));
    const dataOffset = this.#position;
    for (const piece of spool.read()) {
      hasher.update(piece);
      member.write(piece);
      await this.#pump.room(tableBytes);
    }
    await this.#end(member, spool.length);
    const digest = hasher.digest().toString('hex');
    this.list.push({ name, headerOffset, dataOffset, dataBytes: spool.length, digest });
    return digest;
  }

  /** Opens disks/<label>.raw: headers and map are written, the extents' bytes follow. */
  async beginSparse(
    label: string,
    capacityBytes: number,
    extents: ExtentList,
  ): Promise<SparseMember> {
    const headerOffset = this.#position;
    const mapBytes = sparseMapBytes(extents, capacityBytes);
    const dataBytes = extentBytes(extents);
    const header = this.#sparseHeader(label, capacityBytes, mapBytes, dataBytes);
    const member = this.#open(header);
    for (const piece of sparseMapText(extents, capacityBytes)) {
      member.write(piece);
      await this.#pump.room(tableBytes);
    }
    const dataOffset = this.#position + mapBytes;
    return {
      headerOffset,
      dataOffset,
      dataBytes,
      write: (data) => member.write(data),
      room: () => this.#pump.room(),
      end: () => this.#end(member, mapBytes + dataBytes),
    };
  }

  /** Puts an ended sparse member on the list, before its chunk table. */
  describeSparse(name: string, member: SparseMember, digest: string): void {
    const { headerOffset, dataOffset, dataBytes } = member;
    const entry = { name, headerOffset, dataOffset, dataBytes, digest };
    this.list.splice(-1, 0, entry);
  }

  /** Ends the tar stream; returns the file's size. */
  async finish(): Promise<number> {
    await this.#pump.finish();
    if (this.#pump.consumedBytes !== this.#position + trailerBytes)
      throw new ColdframeError(
        'internal',
        `The tar stream has ${this.#pump.consumedBytes} bytes instead of ${this.#position + trailerBytes}. Please report this.`,
      );
    await this.#output.finish();
    this.#options.entries[Symbol.dispose]();
    return this.#output.fileBytes;
  }

  async abort(reason: Error): Promise<void> {
    await this.#pump.abort(reason);
    this.#options.entries[Symbol.dispose]();
  }

  async #addListed(header: MemberHeader, data: Uint8Array): Promise<void> {
    const headerOffset = this.#position;
    const dataOffset = await this.#write(header, data);
    const digest = this.#options.digester.digest(data).toString('hex');
    this.list.push({ name: header.name, headerOffset, dataOffset, dataBytes: data.length, digest });
  }

  async #write(header: MemberHeader, data: Uint8Array): Promise<number> {
    const member = this.#open(header);
    const dataOffset = this.#position;
    if (data.length > 0) member.write(data);
    await this.#end(member, data.length);
    return dataOffset;
  }

  #open(header: MemberHeader): OpenMember {
    this.#position +=
      header.pax === undefined ? blockBytes : paxHeaderBytes({ path: header.name, ...header.pax });
    return this.#pump.open(header);
  }

  async #end(member: OpenMember, bytes: number): Promise<void> {
    await member.end();
    this.#position += padToBlock(bytes);
  }

  #header(name: string, size: number): MemberHeader {
    const mtime = new Date(Math.min(this.#options.createdAtMs, lastMtimeMs));
    const base = { name, size, mode: 0o600, mtime, type: 'file' } as const;
    return size < paxSizeFrom ? base : { ...base, pax: { size: String(size) } };
  }

  #sparseHeader(
    label: string,
    capacityBytes: number,
    mapBytes: number,
    dataBytes: number,
  ): MemberHeader {
    const header = this.#header(sparseAlias(label), mapBytes + dataBytes);
    const pax: PaxRecords = {
      ...header.pax,
      'GNU.sparse.major': '1',
      'GNU.sparse.minor': '0',
      'GNU.sparse.name': diskMembers(label).raw,
      'GNU.sparse.realsize': String(capacityBytes),
    };
    const records = { path: header.name, ...pax };
    const comment =
      this.#options.compression === 'none'
        ? aligningComment(records, this.#position, mapBytes)
        : undefined;
    return { ...header, pax: comment === undefined ? pax : { ...pax, comment } };
  }
}
