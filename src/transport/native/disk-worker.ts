import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { ColdframeError } from '#core/error.ts';

import { OrderBook } from './order-book.ts';
import { cancelled, throwIfAborted } from './native-failure.ts';
import { listField, numberField, textField } from './reply-field.ts';
import { WorkerConnection } from './worker-connection.ts';
import type { WorkerConnectionOptions } from './worker-connection.ts';
import { WorkerDisk } from './worker-disk.ts';
import { WorkerProcess } from './worker-process.ts';

export interface DiskWorkerOptions {
  /** Distribution root of VDDK, the folder that holds lib64/; absent where only block devices and files are opened. */
  readonly libDir?: string;
  /** Private folder for VDDK's configuration and crash state; the same in every run, or cleanup finds nothing. */
  readonly stateDir?: string;
  readonly library?: LibrarySettings;
  /** One line of the worker's stdout, stderr or VDDK log. */
  readonly onLog?: (line: string) => void;
  /** Added to the worker's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Aborting ends the worker: politely, then by SIGKILL after `exitMs`. */
  readonly signal?: AbortSignal;
  /** How long the worker may take to close everything when it is disposed of. Default 35 s. */
  readonly exitMs?: number;
}

/** VDDK's own settings; absent ones keep the defaults of native/core/vix_config.h. */
export interface LibrarySettings {
  /** NFC buffers of one disk in 64 KiB units, and how many; their product is capped at 16 MiB. */
  readonly aioBufferUnits?: number;
  readonly aioBufferCount?: number;
  /** 0 panic ... 3 audit ... 6 trivia. */
  readonly transportLogLevel?: number;
  /** 0 quiet ... 4 debug. */
  readonly nfcLogLevel?: number;
  /** Comma-separated device paths that SAN may or must not use. */
  readonly sanAllow?: string;
  readonly sanDeny?: string;
  /** VMware Cloud on AWS: no NFC beside HotAdd, and no map of allocated blocks. */
  readonly hotaddWithoutNfc?: boolean;
}

export interface LibraryInfo {
  /** Major of the soname, 6 to 9. */
  readonly major: number;
  readonly version: string;
  readonly path: string;
  readonly transportModes: readonly string[];
  /** Functions that this release lacks and that we can do without. */
  readonly missing: readonly string[];
}

export interface OpenBlockOptions {
  readonly path: string;
  readonly readOnly: boolean;
  /** Bypass the page cache where possible. Default true. */
  readonly direct?: boolean;
  /** Requests that really overlap, 1 to 64. Default 4. */
  readonly queueThreads?: number;
  readonly signal?: AbortSignal;
}

/** Longer than the worker's own watchdog, so that it can finish by itself. */
const defaultExitMs = 35_000;

/**
 * A process of its own in which disks are opened: VMware's library may crash, hang or print there.
 * Every call takes the caller's signal and deadline. When the worker dies all that is pending rejects
 * with 'process-died' and its last log lines.
 */
export class DiskWorker implements AsyncDisposable {
  readonly #orders: OrderBook;
  readonly #process: WorkerProcess;
  readonly #options: DiskWorkerOptions;
  readonly #onAbort = (): void => void this.#abort();
  #disposing: Promise<void> | undefined;

  private constructor(options: DiskWorkerOptions) {
    this.#options = options;
    this.#orders = new OrderBook(() => undefined);
    this.#process = new WorkerProcess({
      descriptors: this.#orders.link.childDescriptors(),
      env: workerEnvironment(options),
      onLog: options.onLog,
    });
    this.#orders.link.closeChildDescriptors();
    void this.#process.ended.then((story) => this.#orders.fail(story));
  }

  /** Resolves when the worker answers. */
  static async start(options: DiskWorkerOptions = {}): Promise<DiskWorker> {
    const { signal } = options;
    throwIfAborted(signal);
    const worker = new DiskWorker(options);
    signal?.addEventListener('abort', worker.#onAbort, { once: true });
    try {
      await worker.ping(signal);
    } catch (error) {
      worker.kill();
      await worker[Symbol.asyncDispose]();
      throw error;
    }
    return worker;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** How the process ended; pending while it lives, never rejects. */
  get ended(): Promise<ColdframeError> {
    return this.#process.ended;
  }

  /** Answered by the thread that calls the library: no answer before the deadline means that it hangs. */
  async ping(signal?: AbortSignal): Promise<void> {
    await this.#orders.send('ping', {}, signal);
  }

  /** Loads VDDK; once, before any connection. */
  async loadLibrary(signal?: AbortSignal): Promise<LibraryInfo> {
    const { libDir, stateDir, library } = this.#options;
    if (libDir === undefined || stateDir === undefined)
      throw new ColdframeError('internal', 'The worker was started without libDir and stateDir.');
    const reply = await this.#orders.send('load', { ...library, libDir, stateDir }, signal);
    return {
      major: numberField(reply, 'major'),
      version: textField(reply, 'version'),
      path: textField(reply, 'path'),
      transportModes: listField(reply, 'transportModes'),
      missing: listField(reply, 'missing'),
    };
  }

  /** Prepares a connection; call `connect()` on it. Credentials go over the inherited socket. */
  connection(options: WorkerConnectionOptions): Promise<WorkerConnection> {
    return WorkerConnection.create(this.#orders, options, this.ended);
  }

  /** A block device, or a raw file. */
  async openBlock(options: OpenBlockOptions): Promise<WorkerDisk> {
    const { path, readOnly, direct = true, queueThreads = 4, signal } = options;
    const fields = { path, readOnly, direct, queueThreads };
    const reply = await this.#orders.send('openBlock', fields, signal);
    return new WorkerDisk(this.#orders, reply, this.ended);
  }

  /** At once and for good; what is pending rejects. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Closes disks, connections and library; kills after `exitMs`. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#dispose(this.#orders.send('exit'));
    return this.#disposing;
  }

  #abort(): Promise<void> {
    this.#orders.fail(cancelled(this.#options.signal!));
    // The end of the socket is the worker's signal to close everything and go.
    this.#orders.link.close();
    this.#disposing ??= this.#dispose(Promise.resolve());
    return this.#disposing;
  }

  async #dispose(asked: Promise<unknown>): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    const done = new AbortController();
    const tooLong = delay(this.#options.exitMs ?? defaultExitMs, undefined, { signal: done.signal })
      .then(() => this.kill())
      .catch(() => undefined);
    // Its failure is told by whoever closed the disk; here only the end counts.
    await asked.catch(() => undefined);
    this.#orders.link.close();
    await this.ended;
    done.abort();
    await tooLong;
  }
}

function workerEnvironment(options: DiskWorkerOptions): Record<string, string | undefined> {
  // VDDK's bundled libraries are looked up by bare names, in this process alone.
  const libraries =
    options.libDir === undefined
      ? {}
      : { LD_LIBRARY_PATH: `${join(options.libDir, 'lib64')}:${options.libDir}` };
  return { ...process.env, NODE_OPTIONS: undefined, ...libraries, ...options.env };
}
