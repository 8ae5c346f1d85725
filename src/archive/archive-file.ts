import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

import { ColdframeError, wrapError } from '#core/error.ts';
import type { Secret } from '#core/secret.ts';

import { AgePayload } from './age-reader.ts';
import { damaged } from './damage.ts';

/** An archive's file, opened for reading; what is encrypted is decrypted as it is read. */
export class ArchiveFile implements AsyncDisposable {
  readonly path: string;
  /** What error texts call it. */
  readonly name: string;
  /** Bytes on the disk. */
  readonly storedBytes: number;
  readonly #handle: FileHandle;
  #payload: AgePayload | undefined;

  private constructor(filePath: string, storedBytes: number, handle: FileHandle) {
    this.path = filePath;
    this.name = path.basename(filePath);
    this.storedBytes = storedBytes;
    this.#handle = handle;
  }

  /** Throws 'locked' when the file is encrypted and none of the identities opens it. */
  static async open(filePath: string, identities: readonly Secret[] = []): Promise<ArchiveFile> {
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
      const file = new ArchiveFile(filePath, stat.size, handle);
      file.#payload = await AgePayload.open(
        {
          name: file.name,
          size: file.storedBytes,
          read: (offset, length) => file.#readStored(offset, length),
        },
        identities,
      );
      return file;
    } catch (error) {
      await handle.close();
      throw wrapError('io', `${filePath} cannot be read.`, error);
    }
  }

  /** Bytes of the archive, which are those on the disk unless it is encrypted. */
  get size(): number {
    return this.#payload?.size ?? this.storedBytes;
  }

  get isEncrypted(): boolean {
    return this.#payload !== undefined;
  }

  /** For native readers, which see what is stored; valid until the file is closed. */
  get fd(): number {
    return this.#handle.fd;
  }

  /** Exactly `length` bytes; throws 'archive-damaged' when the file ends before or a byte of them was changed. */
  async read(offset: number, length: number): Promise<Buffer> {
    return this.#payload === undefined
      ? this.#readStored(offset, length)
      : this.#payload.read(offset, length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  async #readStored(offset: number, length: number): Promise<Buffer> {
    const end = offset + length;
    if (offset < 0 || end > this.storedBytes)
      throw damaged(this.name, `it ends at byte ${this.storedBytes}, but ${end} are needed`);
    const target = Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < length;) {
      const { bytesRead } = await this.#pread(target, at, offset + at);
      if (bytesRead === 0) throw damaged(this.name, `it was cut short to ${offset + at} bytes`);
      at += bytesRead;
    }
    return target;
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
