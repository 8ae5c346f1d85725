import { constants, openSync } from 'node:fs';

import { ColdframeError, wrapError } from '#core/error.ts';

import { addon } from './addon.ts';
import type { NativeError, NativeSink } from './addon.ts';
import { fromNative } from './native-failure.ts';

/** How an archive file is written. */
export interface SinkOptions {
  /** 'plain': page cache. 'direct': O_DIRECT with staging; less CPU, needs a file system that has it. */
  readonly mode?: 'plain' | 'direct';
  /** Plain mode: start write-back every 16 MiB and drop what lies 64 MiB behind, so that a backup does not evict the page cache. Default true. */
  readonly rolling?: boolean;
}

/**
 * A strictly sequential file writer on a native thread. Calls may be issued without waiting;
 * they take effect in order. After the first failure every call rejects with that failure:
 * ColdframeError 'no-space' (ENOSPC, EDQUOT) or 'io'.
 */
export interface ByteSink {
  /** Bytes handed over so far, holes included. */
  readonly position: number;
  /** Resolves when the buffers have been written; until then they must not change. */
  writev(buffers: readonly Uint8Array[]): Promise<void>;
  /** Moves on by `bytes` that read as zero and take no space where the file system has holes. */
  hole(bytes: number): Promise<void>;
  /** Makes everything so far durable (fdatasync). */
  sync(): Promise<void>;
  /** Ends the file at `position` and closes it; the caller syncs before. Later calls do nothing. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Creates `path`, which must not exist, with mode 0600. Errors: 'io', 'no-space'. */
export function openSink(path: string, options: SinkOptions = {}): ByteSink {
  const direct = options.mode === 'direct';
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  let descriptor: number;
  try {
    descriptor = openSync(path, direct ? flags | constants.O_DIRECT : flags, 0o600);
  } catch (error) {
    throw wrapError('io', `Cannot create ${path}: ${String(error)}`, error);
  }
  return sinkOn(descriptor, path, options);
}

/** Takes over an open, empty descriptor (with O_DIRECT set where the mode is 'direct'); `path` is for error texts. */
export function sinkOn(descriptor: number, path: string, options: SinkOptions = {}): ByteSink {
  return new FileSink(descriptor, path, options);
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: ColdframeError) => void;
}

class FileSink implements ByteSink {
  readonly #path: string;
  readonly #native: NativeSink;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #position = 0;
  #closing: Promise<void> | undefined;

  constructor(descriptor: number, path: string, options: SinkOptions) {
    this.#path = path;
    const shape = { direct: options.mode === 'direct', rolling: options.rolling ?? true };
    this.#native = new addon.FileSink(descriptor, shape, (ids, errors) => {
      for (const [i, id] of ids.entries()) this.#settle(id, errors[i] ?? null);
    });
  }

  get position(): number {
    return this.#position;
  }

  writev(buffers: readonly Uint8Array[]): Promise<void> {
    for (const buffer of buffers) this.#position += buffer.length;
    // A list of its own: the native side keeps it until the bytes are written.
    const list = [...buffers];
    return this.#order((id) => this.#native.write(id, list));
  }

  hole(bytes: number): Promise<void> {
    this.#position += bytes;
    return this.#order((id) => this.#native.hole(id, bytes));
  }

  sync(): Promise<void> {
    return this.#order((id) => this.#native.sync(id));
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    // A failure has been told by the call that it broke.
    return this.close().catch(() => undefined);
  }

  async #end(): Promise<void> {
    try {
      await this.#send((id) => this.#native.close(id));
    } finally {
      this.#native.stop();
    }
  }

  #order(give: (id: number) => void): Promise<void> {
    if (this.#closing !== undefined)
      return Promise.reject(new ColdframeError('internal', `${this.#path} has been closed.`));
    return this.#send(give);
  }

  #send(give: (id: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      give(id);
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #settle(id: number, error: NativeError | null): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === null) waiting?.resolve();
    else waiting?.reject(this.#failure(error));
  }

  #failure(error: NativeError): ColdframeError {
    const native = fromNative(error, 'io');
    const message =
      native.code === 'no-space'
        ? `No space is left for ${this.#path}. Free some space or use another repository.`
        : `Writing ${this.#path} failed: ${error.text}.`;
    return new ColdframeError(native.code, message, { details: native.details });
  }
}
