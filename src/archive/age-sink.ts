import { ColdframeError } from '#core/error.ts';

import type { AgeStart } from './age-header.ts';
import { plainChunkBytes, sealChunk } from './age-payload.ts';
import type { ByteSink } from './ports.ts';

const zeros = Buffer.alloc(plainChunkBytes);

/**
 * Encrypts what is written on its way to another sink. `sync` ends the file, since its last chunk
 * must say that it is the last. Holes are lost: encrypted zeros look like anything else.
 */
export class AgeSink implements ByteSink {
  readonly #sink: ByteSink;
  readonly #start: AgeStart;
  /** The chunk that is being filled; full, it waits for a byte more, as it may be the last. */
  #chunk = Buffer.allocUnsafeSlow(plainChunkBytes);
  #filled = 0;
  #index = 0;
  #begun = false;
  #ended = false;

  constructor(sink: ByteSink, start: AgeStart) {
    this.#sink = sink;
    this.#start = start;
  }

  async writev(buffers: readonly Uint8Array[]): Promise<void> {
    if (this.#ended) throw new ColdframeError('internal', 'The encrypted archive has ended.');
    const out: Buffer[] = [];
    for (const buffer of buffers) this.#take(buffer, out);
    await this.#write(out);
  }

  async hole(bytes: number): Promise<void> {
    const run: Uint8Array[] = [];
    for (let left = bytes; left > 0; left -= zeros.length)
      run.push(zeros.subarray(0, Math.min(left, zeros.length)));
    await this.writev(run);
  }

  async sync(): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      const rest = this.#chunk.subarray(0, this.#filled);
      await this.#write(sealChunk(this.#start.key, { index: this.#index, last: true }, rest));
    }
    await this.#sink.sync();
  }

  #take(buffer: Uint8Array, out: Buffer[]): void {
    for (let at = 0; at < buffer.length;) {
      if (this.#filled === plainChunkBytes) this.#seal(this.#chunk, out);
      // A whole chunk with more behind it needs no copy.
      if (this.#filled === 0 && buffer.length - at > plainChunkBytes) {
        this.#seal(buffer.subarray(at, at + plainChunkBytes), out);
        at += plainChunkBytes;
        continue;
      }
      const part = buffer.subarray(at, at + plainChunkBytes - this.#filled);
      this.#chunk.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
    }
  }

  #seal(plain: Uint8Array, out: Buffer[]): void {
    out.push(...sealChunk(this.#start.key, { index: this.#index++, last: false }, plain));
    this.#filled = 0;
  }

  async #write(sealed: readonly Buffer[]): Promise<void> {
    const start = this.#begun ? [] : [this.#start.bytes];
    this.#begun = true;
    if (start.length + sealed.length > 0) await this.#sink.writev([...start, ...sealed]);
  }
}
