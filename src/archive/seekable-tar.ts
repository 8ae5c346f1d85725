import { ColdframeError } from '#core/error.ts';

import type { ArchiveFile } from './archive-file.ts';
import { damaged } from './damage.ts';
import { maxFrameBytes } from './layout.ts';
import type { FrameDecoder } from './ports.ts';
import { seekFooterBytes, SeekTable, seekTableBytes } from './seek-table.ts';
import type { StoredRange, TarSource } from './tar-source.ts';

/** Decoded frames kept for the next read, also of those that are being decoded. */
const keptFrames = 4;

/** The tar stream of a compressed archive, through its seek table. */
export class SeekableTar implements TarSource {
  readonly table: SeekTable;
  readonly #file: ArchiveFile;
  readonly #codec: FrameDecoder;
  readonly #kept = new Map<number, Promise<Buffer>>();

  private constructor(file: ArchiveFile, table: SeekTable, codec: FrameDecoder) {
    this.#file = file;
    this.table = table;
    this.#codec = codec;
  }

  static async open(file: ArchiveFile, codec: FrameDecoder): Promise<SeekableTar> {
    const cut = 'it has no seek table at its end, so it was never finished or was cut short';
    if (file.size < seekFooterBytes) throw damaged(file.name, cut);
    const footer = await file.read(file.size - seekFooterBytes, seekFooterBytes);
    const bytes = seekTableBytes(footer);
    if (bytes === undefined || bytes > file.size) throw damaged(file.name, cut);
    const stored = await file.read(file.size - bytes, bytes);
    let table: SeekTable;
    try {
      table = new SeekTable(stored, maxFrameBytes);
    } catch (cause) {
      throw damaged(file.name, 'its seek table is not valid', cause);
    }
    if (table.storedBytes + bytes !== file.size)
      throw damaged(file.name, 'its seek table does not match its size');
    return new SeekableTar(file, table, codec);
  }

  get size(): number {
    return this.table.decodedBytes;
  }

  async read(position: number, length: number): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0);
    if (position < 0 || position + length > this.size)
      throw damaged(this.#file.name, `its tar stream has no bytes ${position}+${length}`);
    const first = this.table.frameAt(position);
    const start = position - this.table.decodedStarts[first]!;
    const data = await this.frame(first);
    if (start + length <= data.length) return data.subarray(start, start + length);
    const target = Buffer.allocUnsafeSlow(length);
    let filled = data.copy(target, 0, start);
    for (let index = first + 1; filled < length; index++)
      filled += (await this.frame(index)).copy(target, filled);
    return target;
  }

  locate(position: number, length: number): StoredRange {
    const index = this.table.frameAt(position);
    const decodedStart = this.table.decodedStarts[index]!;
    const decodedEnd = this.table.decodedStarts[index + 1]!;
    if (position < decodedStart || position + length > decodedEnd)
      throw damaged(this.#file.name, `bytes ${position}+${length} are not within one frame`);
    const fileOffset = this.table.storedStarts[index]!;
    return {
      fileOffset,
      storedLength: this.table.storedStarts[index + 1]! - fileOffset,
      isFrame: true,
      decodedLength: decodedEnd - decodedStart,
      offsetInDecoded: position - decodedStart,
    };
  }

  /** One frame, decoded once for all who ask meanwhile; throws 'archive-damaged' when it does not decode to its size. */
  frame(index: number): Promise<Buffer> {
    const kept = this.#kept.get(index);
    if (kept !== undefined) return kept;
    const decoded = this.#load(index);
    if (this.#kept.size >= keptFrames) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(index, decoded);
    // A read that failed is tried anew by the next who asks.
    decoded.catch(() => this.#kept.delete(index));
    return decoded;
  }

  async #load(index: number): Promise<Buffer> {
    const start = this.table.storedStarts[index]!;
    const stored = await this.#file.read(start, this.table.storedStarts[index + 1]! - start);
    const size = this.table.decodedStarts[index + 1]! - this.table.decodedStarts[index]!;
    let decoded: Buffer | undefined;
    try {
      const codec = this.#codec;
      decoded = await (codec.decompressAside?.(stored, size) ?? codec.decompress(stored, size));
    } catch (cause) {
      const reason = cause instanceof ColdframeError ? cause.cause : cause;
      throw damaged(this.#file.name, this.#badFrame(index), reason);
    }
    if (decoded.length !== size) throw damaged(this.#file.name, this.#badFrame(index));
    return decoded;
  }

  #badFrame(index: number): string {
    return `compressed frame ${index} at byte ${this.table.storedStarts[index]} cannot be decoded`;
  }
}
