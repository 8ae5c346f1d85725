import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

import { ColdframeError, wrapError } from '#core/error.ts';

import { damaged } from './damage.ts';

/** An archive's file, opened for reading. */
export class ArchiveFile implements AsyncDisposable {
  readonly path: string;
  /** What error texts call it. */
  readonly name: string;
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(filePath: string, size: number, handle: FileHandle) {
    this.path = filePath;
    this.name = path.basename(filePath);
    this.size = size;
    this.#handle = handle;
  }

  static async open(filePath: string): Promise<ArchiveFile> {
    let handle: FileHandle;
    try {
      // Non-blocking, so that a named pipe in the archive's place cannot hang the open.
      handle = await open(filePath, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (cause) {
      throw openError(filePath, cause);
    }
    try {
      const stat = await handle.stat();
      if (!stat.isFile())
        throw new ColdframeError(
          'invalid-input',
          `${filePath} is not a file. Name an archive file.`,
        );
      return new ArchiveFile(filePath, stat.size, handle);
    } catch (error) {
      await handle.close();
      throw wrapError('io', `${filePath} cannot be read.`, error);
    }
  }

  /** For native readers; valid until the file is closed. */
  get fd(): number {
    return this.#handle.fd;
  }

  /** Exactly `length` bytes; throws 'archive-damaged' when the file ends before. */
  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || offset + length > this.size)
      throw damaged(this.name, `it ends at byte ${this.size}, but ${offset + length} are needed`);
    const target = Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < length;) {
      const { bytesRead } = await this.#pread(target, at, offset + at);
      if (bytesRead === 0) throw damaged(this.name, `it was cut short to ${offset + at} bytes`);
      at += bytesRead;
    }
    return target;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  async #pread(target: Buffer, at: number, position: number): Promise<{ bytesRead: number }> {
    try {
      return await this.#handle.read(target, at, target.length - at, position);
    } catch (cause) {
      throw new ColdframeError(
        'io',
        `${this.path} cannot be read at byte ${position}. Check the storage that holds it.`,
        { cause },
      );
    }
  }
}

function openError(filePath: string, cause: unknown): ColdframeError {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  return missing
    ? new ColdframeError('not-found', `There is no archive ${filePath}.`, { cause })
    : new ColdframeError('io', `${filePath} cannot be opened. Check its permissions.`, { cause });
}
