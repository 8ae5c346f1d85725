import type { KeyObject } from 'node:crypto';

import { ColdframeError } from '#core/error.ts';
import type { Secret } from '#core/secret.ts';

import {
  ageMagicBytes,
  headerLength,
  isAgeFile,
  maxAgeHeaderBytes,
  openAgeHeader,
} from './age-header.ts';
import {
  openChunk,
  payloadKey,
  payloadNonceBytes,
  plainBytesOf,
  plainChunkBytes,
  sealedOffset,
} from './age-payload.ts';
import { damaged } from './damage.ts';

/** The file as it is stored. */
export interface StoredFile {
  /** What error texts call it. */
  readonly name: string;
  readonly size: number;
  /** Exactly so many bytes. */
  read(offset: number, length: number): Promise<Buffer>;
}

interface OpenedPayload {
  readonly file: StoredFile;
  readonly key: KeyObject;
  readonly start: number;
  readonly size: number;
}

/** Random access to what an age file encrypts: only the chunks that are touched are read and opened. */
export class AgePayload {
  /** Bytes of the plaintext. */
  readonly size: number;
  readonly #file: StoredFile;
  readonly #key: KeyObject;
  /** Where the first chunk begins in the file. */
  readonly #start: number;
  readonly #chunks: number;
  /** The last chunk that was opened: reads often go on where the one before ended. */
  #kept: { readonly index: number; readonly plain: Buffer } | undefined;

  private constructor({ file, key, start, size }: OpenedPayload) {
    this.#file = file;
    this.#key = key;
    this.#start = start;
    this.size = size;
    this.#chunks = Math.max(1, Math.ceil(size / plainChunkBytes));
  }

  /** Undefined when the file is not encrypted; throws 'locked' or 'archive-damaged'. */
  static async open(
    file: StoredFile,
    identities: readonly Secret[],
  ): Promise<AgePayload | undefined> {
    if (!isAgeFile(await file.read(0, Math.min(file.size, ageMagicBytes)))) return undefined;
    const beginning = await file.read(0, Math.min(file.size, maxAgeHeaderBytes));
    const headerBytes = headerLength(beginning);
    if (headerBytes === undefined) throw damaged(file.name, 'its age header has no end');
    const start = headerBytes + payloadNonceBytes;
    const size = plainBytesOf(file.size - start);
    if (size === undefined)
      throw damaged(
        file.name,
        'its size is none that an encrypted file can have; it was cut short',
      );
    const fileKey = await unlock(file.name, beginning.subarray(0, headerBytes), identities);
    const nonce = await file.read(headerBytes, payloadNonceBytes);
    return new AgePayload({ file, key: payloadKey(fileKey, nonce), start, size });
  }

  /** Exactly `length` bytes of the plaintext. */
  async read(offset: number, length: number): Promise<Buffer> {
    const end = offset + length;
    if (offset < 0 || end > this.size)
      throw damaged(this.#file.name, `it ends at byte ${this.size}, but ${end} are needed`);
    if (length === 0) return Buffer.alloc(0);
    const first = Math.floor(offset / plainChunkBytes);
    const last = Math.floor((end - 1) / plainChunkBytes);
    const target = Buffer.allocUnsafeSlow(length);
    let at = 0;
    for await (const { index, plain } of this.#chunksFrom(first, last)) {
      const from = index === first ? offset - first * plainChunkBytes : 0;
      at += plain.copy(target, at, from, Math.min(plain.length, from + length - at));
    }
    return target;
  }

  async *#chunksFrom(
    first: number,
    last: number,
  ): AsyncGenerator<{ readonly index: number; readonly plain: Buffer }> {
    let next = first;
    if (this.#kept?.index === first) {
      yield this.#kept;
      next++;
    }
    if (next > last) return;
    const from = this.#start + sealedOffset(next);
    const to = Math.min(this.#start + sealedOffset(last + 1), this.#file.size);
    const sealed = await this.#file.read(from, to - from);
    for (let index = next; index <= last; index++) {
      const part = sealed.subarray(sealedOffset(index - next), sealedOffset(index - next + 1));
      const plain = openChunk(this.#key, { index, last: index === this.#chunks - 1 }, part);
      if (plain === undefined)
        throw damaged(
          this.#file.name,
          `the encrypted bytes from ${from + sealedOffset(index - next)} on were changed`,
        );
      this.#kept = { index, plain };
      yield this.#kept;
    }
  }
}

async function unlock(
  name: string,
  header: Buffer,
  identities: readonly Secret[],
): Promise<Uint8Array> {
  let fileKey: Uint8Array | undefined;
  try {
    fileKey = await openAgeHeader(header, identities);
  } catch (cause) {
    throw damaged(name, 'its age header is not valid', cause);
  }
  if (fileKey !== undefined) return fileKey;
  const tried = identities.length === 0 ? 'no key was given' : 'none of the keys given opens it';
  throw new ColdframeError(
    'locked',
    `${name} is encrypted and ${tried}. Give the identity file (AGE-SECRET-KEY-...) of one of its recipients.`,
    { details: { file: name } },
  );
}
