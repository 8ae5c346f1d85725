import type { ColdframeError } from '#core/error.ts';

import { addon } from './addon.ts';
import type { NativeLink, NativeWriteStream } from './addon.ts';
import { fromNative, rethrowNative, throwIfAborted } from './native-failure.ts';
import type { PieceBatch } from './piece-batch.ts';
import { Wake } from './wake.ts';

/** Where the bytes come from. */
export interface WriteStreamOptions {
  /** Open descriptors of the chain's archives; the caller keeps them open and closes them. */
  readonly archives: readonly number[];
  /** Most decoded bytes of one frame or plain run. Default 1 MiB. */
  readonly slotBytes?: number;
  /** Slots at once, 4 to 32. Default 16. */
  readonly depth?: number;
  /** 'fail' (default): the first damage ends the stream. 'collect': go on and list all damage; for verify. */
  readonly onDamage?: 'fail' | 'collect';
  readonly signal?: AbortSignal;
}

/** One damaged piece of an archive. */
export interface PieceDamage {
  readonly archive: number;
  readonly fileOffset: number;
  readonly diskOffset: number;
  readonly length: number;
  /** Digest differs; frame does not decode; file cannot be read or ends too early. */
  readonly kind: 'digest' | 'frame' | 'read';
  readonly text: string;
}

export interface WriteTotals {
  /** Bytes of chunks whose digest was compared. */
  readonly checkedBytes: number;
  readonly writtenBytes: number;
  /** Bytes that were not written because they are zero and the target is. */
  readonly zeroBytes: number;
  /** The first ten thousand of `damagedPieces`. */
  readonly damage: readonly PieceDamage[];
  readonly damagedPieces: number;
}

/**
 * Reads pieces from archives, decodes, checks the digests and writes them to a disk, or only checks.
 * Errors: 'digest-mismatch', 'archive-damaged' (details: archive, fileOffset), 'io', 'disk', 'process-died', 'cancelled'.
 */
export interface WriteStream extends AsyncDisposable {
  /** Resolves when there is room for another batch. The batch may be dropped at once; its rows are copied. */
  push(batch: PieceBatch): Promise<void>;
  /** Waits for everything and flushes the disk. */
  finish(): Promise<WriteTotals>;
}

const mebibyte = 1024 * 1024;
/** Rows that may wait in the native queue: megabytes of rows, gigabytes of disk. */
const pendingMax = 16_384;

/** Where the pieces go: an open disk, or nowhere (verify). */
export interface WriteTarget {
  readonly link: NativeLink;
  readonly disk: number;
  /** Makes the writes durable. */
  flush(signal?: AbortSignal): Promise<void>;
  /** Says more about an error where more is known. */
  explain(error: ColdframeError): Promise<unknown>;
}

/** Only reads, decodes and compares digests. */
export function verifyPieces(options: WriteStreamOptions): WriteStream {
  return new NativeBackedWriteStream(undefined, options);
}

export function writePieces(target: WriteTarget, options: WriteStreamOptions): WriteStream {
  return new NativeBackedWriteStream(target, options);
}

class NativeBackedWriteStream implements WriteStream {
  readonly #target: WriteTarget | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #wake = new Wake();
  readonly #native: NativeWriteStream;
  #closed = false;

  constructor(target: WriteTarget | undefined, options: WriteStreamOptions) {
    this.#target = target;
    this.#signal = options.signal;
    const shape = {
      disk: target?.disk ?? 0,
      archives: options.archives,
      slotBytes: options.slotBytes ?? mebibyte,
      depth: options.depth ?? 16,
      collectDamage: options.onDamage === 'collect',
    };
    try {
      this.#native = new addon.WriteStream(target?.link ?? null, shape, this.#wake.notify);
    } catch (error) {
      rethrowNative(error, 'disk');
    }
    this.#signal?.addEventListener('abort', this.#wake.notify);
  }

  async push(batch: PieceBatch): Promise<void> {
    await this.#waitUntil(() => this.#native.pending() < pendingMax);
    try {
      this.#native.push(batch.rows());
    } catch (error) {
      rethrowNative(error, 'disk');
    }
  }

  async finish(): Promise<WriteTotals> {
    await this.#waitUntil(() => this.#native.pending() === 0 && this.#native.idle());
    await this.#target?.flush(this.#signal);
    const totals = this.#native.totals();
    this.#close();
    return totals;
  }

  /** Waits until no thread uses the archives any more: the caller closes them next. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#native.abort();
    while (!this.#native.idle()) await this.#wake.wait();
    this.#close();
  }

  async #waitUntil(met: () => boolean): Promise<void> {
    for (;;) {
      throwIfAborted(this.#signal);
      const failure = this.#native.failure();
      if (failure !== null) {
        const error = fromNative(failure, failure.archive === undefined ? 'disk' : 'io');
        throw (await this.#target?.explain(error)) ?? error;
      }
      if (met()) return;
      await this.#wake.wait();
    }
  }

  #close(): void {
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#wake.notify);
    this.#native.close();
  }
}
