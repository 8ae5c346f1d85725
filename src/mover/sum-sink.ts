import { createHash } from 'node:crypto';

import type { ByteSink } from '#archive/ports.ts';

const zeros = Buffer.alloc(1024 * 1024);

/** Computes the SHA-256 of a file while it is written, for `sha256sum -c`. Holes count as zeros. */
export class SumSink implements ByteSink {
  readonly #sink: ByteSink;
  readonly #hash = createHash('sha256');

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  writev(buffers: readonly Uint8Array[]): Promise<void> {
    for (const buffer of buffers) this.#hash.update(buffer);
    return this.#sink.writev(buffers);
  }

  hole(bytes: number): Promise<void> {
    for (let left = bytes; left > 0; left -= zeros.length)
      this.#hash.update(zeros.subarray(0, Math.min(left, zeros.length)));
    return this.#sink.hole(bytes);
  }

  sync(): Promise<void> {
    return this.#sink.sync();
  }

  /** Hex; once, when everything has been written. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}
