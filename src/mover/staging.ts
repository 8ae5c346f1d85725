import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';

import { ColdframeError } from '#core/error.ts';

/** Memory that has a descriptor; nothing of it ever reaches a disk. */
const memoryFolder = '/dev/shm';

/** Decrypted bytes where native readers can find them: a file in memory that has no name. */
export class Staging implements AsyncDisposable {
  readonly #file: FileHandle;
  #usedBytes = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(): Promise<Staging> {
    const path = `${memoryFolder}/coldframe-${randomUUID()}`;
    try {
      const file = await open(path, 'wx+', 0o600);
      await rm(path);
      return new Staging(file);
    } catch (cause) {
      throw new ColdframeError(
        'io',
        `Encrypted archives are decrypted in memory, and ${memoryFolder} cannot be used. Mount a tmpfs there.`,
        { cause },
      );
    }
  }

  get fd(): number {
    return this.#file.fd;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Returns where the bytes are from now on. */
  async put(data: Buffer): Promise<number> {
    const position = this.#usedBytes;
    for (let at = 0; at < data.length;) {
      const { bytesWritten } = await this.#write(data, at, position + at);
      at += bytesWritten;
    }
    this.#usedBytes += data.length;
    return position;
  }

  /** Nothing that was put is there any more. */
  async clear(): Promise<void> {
    await this.#file.truncate(0);
    this.#usedBytes = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #write(data: Buffer, at: number, position: number): Promise<{ bytesWritten: number }> {
    try {
      return await this.#file.write(data, at, data.length - at, position);
    } catch (cause) {
      throw new ColdframeError(
        'no-space',
        `No memory is left in ${memoryFolder} to decrypt archives in. Run fewer tasks at once or give the appliance more memory.`,
        { cause },
      );
    }
  }
}
