import { execFile } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { BlockMap } from './block-map.ts';

const run = promisify(execFile);
const deltaGrainBytes = 4096;

export interface DiskFileOptions {
  /** "[datastore] folder/name.vmdk". */
  readonly fileName: string;
  readonly rawPath: string;
  readonly sizeBytes: number;
  /** 6000C29x-... */
  readonly uuid: string;
  readonly thin: boolean;
  readonly eagerlyScrub: boolean;
  /** Present for a delta: reads of blocks it does not hold go there. */
  readonly parent?: DiskFile;
}

/**
 * One .vmdk of the lab: a sparse raw file, and for a delta the map of blocks that it holds.
 * Invariant: a file with children or under a snapshot is never written, except by consolidation
 * after the last snapshot that shows it is gone.
 */
export class DiskFile {
  readonly fileName: string;
  readonly rawPath: string;
  readonly uuid: string;
  readonly thin: boolean;
  readonly eagerlyScrub: boolean;
  parent: DiskFile | undefined;
  sizeBytes: number;
  /** Blocks held by this delta; a base holds all. */
  readonly held: BlockMap | undefined;
  readonly #handle: FileHandle;
  /** mtime after the last write of our own; another one means that somebody else wrote. */
  #ownMtimeMs = 0;

  private constructor(options: DiskFileOptions, handle: FileHandle) {
    this.fileName = options.fileName;
    this.rawPath = options.rawPath;
    this.uuid = options.uuid;
    this.thin = options.thin;
    this.eagerlyScrub = options.eagerlyScrub;
    this.parent = options.parent;
    this.sizeBytes = options.sizeBytes;
    this.held = options.parent === undefined ? undefined : new BlockMap(deltaGrainBytes);
    this.#handle = handle;
  }

  /** Opens the raw file, keeping what it holds, and gives it the disk's size. */
  static async open(options: DiskFileOptions): Promise<DiskFile> {
    await mkdir(path.dirname(options.rawPath), { recursive: true });
    const handle = await open(options.rawPath, 'a').then(async (made) => {
      await made.close();
      return await open(options.rawPath, 'r+');
    });
    await handle.truncate(options.sizeBytes);
    const file = new DiskFile(options, handle);
    await file.noteOwnWrites();
    return file;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async delete(): Promise<void> {
    await this.close();
    await rm(this.rawPath, { force: true });
  }

  /** The files that make up the disk, from this one down to the base. */
  chain(): DiskFile[] {
    return [this, ...(this.parent?.chain() ?? [])];
  }

  /** Reads the disk as seen through the chain that ends in this file. */
  async read(offset: number, length: number): Promise<Buffer> {
    if (this.parent === undefined || this.held === undefined)
      return await this.#readOwn(offset, length);
    const out = await this.parent.read(offset, length);
    for (const range of this.held.ranges(offset, offset + length)) {
      const own = await this.#readOwn(range.offset, range.length);
      own.copy(out, range.offset - offset);
    }
    return out;
  }

  async #readOwn(offset: number, length: number): Promise<Buffer> {
    const out = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#handle.read(out, done, length - done, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return out;
  }

  async write(offset: number, bytes: Buffer): Promise<void> {
    if (offset < 0 || offset + bytes.length > this.sizeBytes)
      throw new RangeError(`write of ${bytes.length} at ${offset} is outside ${this.fileName}`);
    if (this.parent === undefined || this.held === undefined) {
      await this.#handle.write(bytes, 0, bytes.length, offset);
      return;
    }
    // Copy on write: a delta holds whole blocks, so the edges come from below.
    const start = Math.floor(offset / deltaGrainBytes) * deltaGrainBytes;
    const end = Math.min(
      Math.ceil((offset + bytes.length) / deltaGrainBytes) * deltaGrainBytes,
      this.sizeBytes,
    );
    const whole = start === offset && end === offset + bytes.length;
    const block = whole ? bytes : await this.read(start, end - start);
    if (!whole) bytes.copy(block, offset - start);
    await this.#handle.write(block, 0, block.length, start);
    this.held.addRange(start, end - start);
  }

  /** Gives up the space of whole blocks inside the range; they read as zeros from then on. */
  async trim(offset: number, length: number): Promise<void> {
    const start = Math.ceil(offset / deltaGrainBytes) * deltaGrainBytes;
    const end = Math.floor((offset + length) / deltaGrainBytes) * deltaGrainBytes;
    if (end <= start) return;
    await this.punch(start, end - start);
    this.held?.addRange(start, end - start);
  }

  async punch(offset: number, length: number): Promise<void> {
    const args = ['--punch-hole', '--offset', `${offset}`, '--length', `${length}`, this.rawPath];
    await run('fallocate', args);
  }

  async resize(sizeBytes: number): Promise<void> {
    await this.#handle.truncate(sizeBytes);
    this.sizeBytes = sizeBytes;
    await this.noteOwnWrites();
  }

  /** Merges what this delta holds into its parent; the parent then shows this disk's content. */
  async mergeIntoParent(onProgress: (doneBytes: number) => void): Promise<void> {
    const parent = this.parent;
    if (parent === undefined || this.held === undefined) throw new Error('a base cannot be merged');
    const step = 1024 * 1024;
    let done = 0;
    for (const range of this.held.ranges(0, this.sizeBytes)) {
      for (let at = range.offset; at < range.offset + range.length; at += step) {
        const length = Math.min(step, range.offset + range.length - at);
        const bytes = await this.#readOwn(at, length);
        if (isZero(bytes)) await parent.trim(at, length);
        else await parent.write(at, bytes);
        done += length;
        onProgress(done);
      }
    }
    await parent.noteOwnWrites();
  }

  /** Makes a sparse copy of the disk as seen through the chain. */
  async copyTo(target: string): Promise<void> {
    await mkdir(path.dirname(target), { recursive: true });
    const [base, ...deltas] = this.chain().reverse();
    const partial = `${target}.partial`;
    await run('cp', ['--reflink=auto', '--sparse=always', base!.rawPath, partial]);
    const copy = await open(partial, 'r+');
    try {
      for (const delta of deltas) await delta.#layOver(copy);
      await copy.truncate(this.sizeBytes);
    } finally {
      await copy.close();
    }
    await rename(partial, target);
  }

  async #layOver(copy: FileHandle): Promise<void> {
    const step = 1024 * 1024;
    for (const range of this.held!.ranges(0, this.sizeBytes)) {
      for (let at = range.offset; at < range.offset + range.length; at += step) {
        const bytes = await this.#readOwn(at, Math.min(step, range.offset + range.length - at));
        await copy.write(bytes, 0, bytes.length, at);
      }
    }
  }

  async noteOwnWrites(): Promise<void> {
    this.#ownMtimeMs = (await this.#handle.stat()).mtimeMs;
  }

  /** True once after somebody else (a restore through VDDK or HotAdd) wrote into the raw file. */
  async takeForeignWrites(): Promise<boolean> {
    const { mtimeMs } = await this.#handle.stat();
    const foreign = mtimeMs !== this.#ownMtimeMs;
    this.#ownMtimeMs = mtimeMs;
    return foreign;
  }
}

function isZero(bytes: Buffer): boolean {
  return (
    bytes.length === 0 ||
    (bytes[0] === 0 && bytes.compare(bytes, 1, bytes.length, 0, bytes.length - 1) === 0)
  );
}
