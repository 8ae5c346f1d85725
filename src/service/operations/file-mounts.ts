import type { Clock, IdSource } from '#core/clock.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { FileMount, GuestEntries, GuestVolumes } from '#core/guest-files.ts';
import type { Secret } from '#core/secret.ts';
import { reaches, type Caller } from '#core/user.ts';

import type { ByteStream } from '../http/byte-stream.ts';
import type { RestorePointStore } from '../ports.ts';
import { archiveFilesOf, type ArchiveFilesOptions } from './archive-files.ts';
import { findRestorePoint } from './restore-points.ts';

/** A restore point whose files can be read, in a process of its own. */
export interface GuestFilesProcess extends AsyncDisposable {
  readonly ended: Promise<void>;
  volumes(signal: AbortSignal): Promise<GuestVolumes>;
  entries(
    wanted: { readonly path: string; readonly from: number; readonly limit: number },
    signal: AbortSignal,
  ): Promise<GuestEntries>;
  content(path: string, signal: AbortSignal): Promise<ByteStream>;
}

export type OpenGuestFiles = (
  order: { readonly archives: readonly string[]; readonly identities: readonly Secret[] },
  signal: AbortSignal,
) => Promise<GuestFilesProcess>;

export interface FileMountsOptions extends ArchiveFilesOptions {
  readonly restorePoints: RestorePointStore;
  readonly open: OpenGuestFiles;
  readonly identities: () => Promise<readonly Secret[]>;
  readonly clock: Clock;
  readonly ids: IdSource;
}

export interface MountOrder {
  readonly restorePoint: string;
  /** Without use for so long it is closed. */
  readonly idleMinutes: number;
}

interface Mounted {
  view: FileMount;
  readonly idleMs: number;
  readonly stop: AbortController;
  process: GuestFilesProcess | undefined;
  /** Answers and downloads under way. */
  uses: number;
  readonly opened: Promise<void>;
}

/** Each is a small VM with some hundred MiB of memory. */
const most = 3;
const lookMs = 5000;

/** The restore points that are open for browsing: who opened each, and until when. */
export class FileMounts implements AsyncDisposable {
  readonly #options: FileMountsOptions;
  readonly #mounts = new Map<string, Mounted>();
  readonly #stop = new AbortController();
  readonly #watch: Promise<void>;

  constructor(options: FileMountsOptions) {
    this.#options = options;
    this.#watch = this.#closeExpired();
  }

  list(): readonly FileMount[] {
    return [...this.#mounts.values()].map(({ view }) => view);
  }

  /** Those that must not be pruned now. */
  restorePoints(): ReadonlySet<string> {
    return new Set(this.list().map(({ restorePoint }) => restorePoint));
  }

  /** Answers at once; opening goes on until `state` says otherwise. */
  async open(order: MountOrder, caller: Caller): Promise<FileMount> {
    const { clock, ids, restorePoints } = this.#options;
    const { header } = await findRestorePoint(restorePoints, order.restorePoint);
    if (this.#mounts.size >= most)
      throw new ColdframeError(
        'busy',
        `${most} restore points are open for browsing already. Close one: coldframe files close ID`,
      );
    const id = ids.next();
    const openedAtMs = clock.now();
    const idleMs = order.idleMinutes * 60_000;
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    const mounted: Mounted = {
      view: {
        id,
        restorePoint: header.id,
        vmName: header.vm.name,
        createdAtMs: header.createdAtMs,
        owner: caller.name,
        state: 'opening',
        openedAtMs,
        expiresAtMs: openedAtMs + idleMs,
      },
      idleMs,
      stop,
      process: undefined,
      uses: 0,
      opened: promise,
    };
    this.#mounts.set(id, mounted);
    void this.#open(mounted).finally(resolve); // its failure becomes the mount's state
    return mounted.view;
  }

  /** Throws 'not-found', and 'no-permission' unless the caller opened it or is an administrator. */
  find(id: string, caller: Caller): FileMount {
    return this.#find(id, caller).view;
  }

  /** Runs `work` with the mount's process, and puts its expiry off. */
  async use<T>(
    id: string,
    caller: Caller,
    work: (process: GuestFilesProcess) => Promise<T>,
  ): Promise<T> {
    const mounted = this.#find(id, caller);
    const { process, view } = mounted;
    if (view.state === 'failed') throw new ColdframeError(view.error!.code, view.error!.message);
    if (process === undefined)
      throw new ColdframeError('busy', 'It is still being opened. Try again in a moment.');
    mounted.uses++;
    try {
      return await work(process);
    } finally {
      this.#used(mounted);
    }
  }

  /** The same for a stream, which is a use until it has ended. */
  async stream(id: string, caller: Caller, path: string, signal: AbortSignal): Promise<ByteStream> {
    const mounted = this.#find(id, caller);
    const content = await this.use(id, caller, (process) => process.content(path, signal));
    mounted.uses++;
    content.stream.once('close', () => this.#used(mounted));
    return content;
  }

  async close(id: string, caller: Caller): Promise<void> {
    await this.#close(this.#find(id, caller));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#mounts.values()].map((mounted) => this.#close(mounted)));
    await this.#watch;
  }

  async #open(mounted: Mounted): Promise<void> {
    const { signal } = mounted.stop;
    try {
      const { archives } = await archiveFilesOf(this.#options, mounted.view.restorePoint, signal);
      mounted.process = await this.#options.open(
        {
          archives: archives.map(({ path }) => path),
          identities: await this.#options.identities(),
        },
        signal,
      );
      mounted.view = { ...mounted.view, state: 'ready' };
      this.#used(mounted, 0);
      void mounted.process.ended.then(() => this.#fail(mounted, died())); // never rejects
    } catch (error) {
      this.#fail(mounted, error);
    }
  }

  #fail(mounted: Mounted, error: unknown): void {
    mounted.process = undefined;
    mounted.view = { ...mounted.view, state: 'failed', error: toErrorRecord(error) };
  }

  #used(mounted: Mounted, ended = 1): void {
    mounted.uses -= ended;
    const expiresAtMs = this.#options.clock.now() + mounted.idleMs;
    mounted.view = { ...mounted.view, expiresAtMs };
  }

  #find(id: string, caller: Caller): Mounted {
    const mounted = this.#mounts.get(id);
    if (mounted === undefined)
      throw new ColdframeError(
        'not-found',
        `No restore point is open as "${id}". See: coldframe files mounts`,
      );
    const { owner } = mounted.view;
    if (owner === caller.name || reaches(caller.role, 'administrator')) return mounted;
    throw new ColdframeError('no-permission', `${owner} has opened this; open one of your own.`);
  }

  async #close(mounted: Mounted): Promise<void> {
    this.#mounts.delete(mounted.view.id);
    mounted.stop.abort(new ColdframeError('cancelled', 'It was closed.'));
    await mounted.opened;
    await mounted.process?.[Symbol.asyncDispose]();
  }

  async #closeExpired(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await clock.sleep(lookMs, signal).catch(() => undefined); // stopped: the loop ends
      const now = clock.now();
      const over = [...this.#mounts.values()].filter(
        ({ uses, view }) => uses === 0 && view.state !== 'opening' && view.expiresAtMs <= now,
      );
      for (const mounted of over) await this.#close(mounted);
    }
  }
}

function died(): ColdframeError {
  return new ColdframeError('process-died', 'The file browser has ended. Open it again.');
}
