import { Writable } from 'node:stream';

import { pack } from 'tar-stream';
import type { Pack } from 'tar-stream';

import { ColdframeError, wrapError } from '#core/error.ts';

export interface MemberHeader {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: Date;
  readonly type: 'file';
  readonly pax?: Readonly<Record<string, string>>;
}

export interface TarPumpOptions {
  /** Called with the tar stream's buffers, by reference and in order. */
  readonly consume: (buffers: readonly Uint8Array[]) => Promise<void>;
  /** `room()` waits while more than this is under way. */
  readonly pendingBytes: number;
}

/** A member being written. */
export interface OpenMember {
  write(data: Uint8Array): void;
  /** Resolves when tar-stream has taken everything; rejects when the sizes disagree. */
  end(): Promise<void>;
}

/**
 * tar-stream and the consumer behind it. Up to two batches are with the consumer at a time, so
 * that it never stands still between them.
 */
export class TarPump {
  readonly #pack: Pack;
  readonly #options: TarPumpOptions;
  readonly #finished: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #previous: Promise<void> = Promise.resolve();
  #pushed = 0;
  #consumed = 0;
  #failure: Error | undefined;

  constructor(options: TarPumpOptions) {
    this.#options = options;
    this.#pack = pack({ highWaterMark: options.pendingBytes });
    const writable = new Writable({
      highWaterMark: options.pendingBytes,
      write: (chunk: Buffer, _encoding, done) => this.#take([chunk], done),
      writev: (chunks, done) =>
        this.#take(
          chunks.map(({ chunk }) => chunk as Buffer),
          done,
        ),
      final: (done) => void settle(this.#previous, done),
    });
    this.#finished = new Promise((resolve, reject) => {
      writable.on('finish', resolve);
      writable.on('error', reject);
      writable.on('close', () => reject(new Error('the tar stream was closed early')));
    });
    this.#finished.catch((error: unknown) => this.#fail(error));
    this.#pack.on('error', (error) => writable.destroy(error));
    this.#pack.pipe(writable);
  }

  /** Bytes of the tar stream that the consumer has finished with. */
  get consumedBytes(): number {
    return this.#consumed;
  }

  open(header: MemberHeader): OpenMember {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry = this.#pack.entry(header, (error) => {
      if (error) reject(error);
      else resolve();
    });
    // Failures arrive through the callback; without a listener they would end the process.
    entry.on('error', reject);
    promise.catch((error: unknown) => this.#fail(error));
    return {
      write: (data) => {
        this.#pushed += data.length;
        entry.write(data);
      },
      end: async () => {
        entry.end(null);
        await this.#unlessFailed(promise);
      },
    };
  }

  /** Waits until little enough is under way. */
  async room(pendingBytes = this.#options.pendingBytes): Promise<void> {
    while (this.#failure === undefined && this.#pushed - this.#consumed > pendingBytes)
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    this.#throwFailure();
  }

  /** Ends the tar stream and waits for the consumer. */
  async finish(): Promise<void> {
    this.#pack.finalize();
    await this.#unlessFailed(this.#finished);
  }

  /** Stops; resolves when the consumer no longer touches any buffer. */
  async abort(reason: Error): Promise<void> {
    this.#fail(reason);
    this.#pack.destroy(reason);
    await this.#finished.catch(() => undefined);
    await this.#previous.catch(() => undefined);
  }

  #take(buffers: readonly Uint8Array[], done: (error?: Error | null) => void): void {
    const before = this.#previous;
    const current = this.#consume(buffers);
    this.#previous = Promise.all([before, current]).then(() => undefined);
    this.#previous.catch((error: unknown) => this.#pack.destroy(asError(error)));
    // Not `current`: the next batch may come while this one is being written.
    void settle(before, done);
  }

  async #consume(buffers: readonly Uint8Array[]): Promise<void> {
    await this.#options.consume(buffers);
    for (const buffer of buffers) this.#consumed += buffer.length;
    this.#wake();
  }

  #fail(error: unknown): void {
    this.#failure ??= asError(error);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  async #unlessFailed(promise: Promise<void>): Promise<void> {
    try {
      await promise;
    } catch (error) {
      throw this.#failure ?? error;
    }
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined)
      throw this.#failure instanceof ColdframeError
        ? this.#failure
        : wrapError('io', 'The archive could not be written.', this.#failure);
  }
}

/** Tells a stream's callback, which is how a promise ends here: neither side can throw. */
async function settle(promise: Promise<void>, done: (error?: Error) => void): Promise<void> {
  const failure = await promise.then(() => undefined, asError);
  if (failure === undefined) done();
  else done(failure);
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
