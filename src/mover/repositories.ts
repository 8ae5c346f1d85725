import type { Clock } from '#core/clock.ts';
import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError, fromErrorRecord } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { Secret } from '#core/secret.ts';
import { archivePath, type ArchivePathParts } from '#repository/archive-path.ts';
import type { InitialisedRepository, InitialiseOptions } from '#repository/initialise.ts';
import type {
  ArchiveScan,
  RepositorySpace,
  VmArchivePlaces,
} from '#repository/local-repository.ts';
import type { ProtectionProof } from '#repository/prove-protected.ts';
import { lockProcess } from '#repository/lock-process.ts';
import type { Stock } from '#repository/stock.ts';
import { untilAborted } from '#repository/until-aborted.ts';
import { keepBeating } from '#repository/vm-lock.ts';

import type { FolderAnswer, FolderCall, FolderInput } from './folder-handlers.ts';
import { FolderProcess } from './folder-process.ts';

export interface RepositoryProcessOptions {
  readonly clock: Clock;
  /** One call, e.g. reading a header. A server that restarts keeps its clients waiting for up to 90 s. */
  readonly callMs?: number;
  /** A listing opens every archive. */
  readonly listingMs?: number;
  /** Keys of encrypted archives; asked for whenever archives are read. */
  readonly identities?: () => Promise<readonly Secret[]>;
  /** Makes the folder ready to be looked at, e.g. mounts it. Default: it is. */
  readonly prepare?: (repository: RepositoryConfig) => Promise<void>;
  /** Lifts the protection of an archive that is to be removed; throws while it must stay. */
  readonly release?: (repository: RepositoryConfig, path: string) => Promise<void>;
  /** Program of the child; tests pass another. */
  readonly program?: string;
}

export interface LockHolder {
  readonly owner: string;
  readonly applianceId: string;
  readonly token: string;
  readonly clock: Clock;
}

/**
 * Repositories' folders, each looked at by a process of its own and under a deadline, so that a file server
 * that stalls makes its own repository unavailable and nothing else.
 */
export class RepositoryProcesses implements Disposable {
  readonly #options: RepositoryProcessOptions;
  readonly #callMs: number;
  readonly #listingMs: number;
  readonly #processes = new Map<string, FolderProcess>();
  /** Ended, and perhaps not gone: a process in an uninterruptible call outlives SIGKILL. */
  readonly #dying = new Map<string, FolderProcess>();
  readonly #checks = new Map<string, Promise<RepositorySpace>>();

  constructor(options: RepositoryProcessOptions) {
    this.#options = options;
    this.#callMs = options.callMs ?? 2 * 60_000;
    this.#listingMs = options.listingMs ?? 60 * 60_000;
  }

  archivePath(parts: ArchivePathParts): string {
    return archivePath(parts);
  }

  initialise(options: InitialiseOptions, signal: AbortSignal): Promise<InitialisedRepository> {
    return this.#call(options.root, 'initialise', options, { signal });
  }

  /** Who asks while another's question is open gets that one's answer. */
  async check(repository: RepositoryConfig, signal: AbortSignal): Promise<RepositorySpace> {
    signal.throwIfAborted();
    const key = `${repository.id} ${repository.root}`;
    let check = this.#checks.get(key);
    if (check === undefined) {
      check = this.#prepared(repository)
        .then(() => this.#call(repository.root, 'check', { repository }))
        .finally(() => this.#checks.delete(key));
      this.#checks.set(key, check);
    }
    return untilAborted(check, signal);
  }

  async list(repository: RepositoryConfig, signal: AbortSignal): Promise<readonly RestorePoint[]> {
    const input = { repository, ...(await this.#keys()) };
    return this.#call(repository.root, 'list', input, this.#listing(signal));
  }

  async listVm(
    repository: RepositoryConfig,
    vm: VmArchivePlaces,
    signal: AbortSignal,
  ): Promise<readonly RestorePoint[]> {
    const input = { repository, vm, ...(await this.#keys()) };
    return this.#call(repository.root, 'listVm', input, this.#listing(signal));
  }

  async scan(repository: RepositoryConfig, signal: AbortSignal): Promise<ArchiveScan> {
    await untilAborted(this.#prepared(repository), signal);
    const input = { repository, ...(await this.#keys()) };
    const found = await this.#call(repository.root, 'scan', input, this.#listing(signal));
    const unreadable = found.unreadable.map(({ path, error }) => ({
      path,
      error: fromErrorRecord(error),
    }));
    return { ...found, unreadable };
  }

  stock(repository: RepositoryConfig, signal: AbortSignal): Promise<Stock> {
    return this.#call(repository.root, 'stock', { repository }, this.#listing(signal));
  }

  async read(
    repository: RepositoryConfig,
    path: string,
    signal: AbortSignal,
  ): Promise<RestorePoint> {
    const input = { repository, path, ...(await this.#keys()) };
    return this.#call(repository.root, 'read', input, { signal });
  }

  async readMember(
    repository: RepositoryConfig,
    path: string,
    member: string,
  ): Promise<Uint8Array> {
    const input = { repository, path, member, ...(await this.#keys()) };
    return this.#call(repository.root, 'readMember', input);
  }

  async removePartial(repository: RepositoryConfig, path: string): Promise<void> {
    await this.#call(repository.root, 'removePartial', { repository, path });
  }

  async remove(repository: RepositoryConfig, path: string): Promise<void> {
    const remove = () => this.#call(repository.root, 'remove', { repository, path });
    const { release } = this.#options;
    if (release === undefined) return remove();
    try {
      await remove();
    } catch (error) {
      if (!isRefused(error)) throw error;
      await release(repository, path);
      await remove();
    }
  }

  proveProtected(repository: RepositoryConfig, path: string): Promise<ProtectionProof> {
    return this.#call(repository.root, 'proveProtected', { repository, path });
  }

  /** The lock is this process's, so it outlives the child that wrote it. */
  async lockVm(
    repository: RepositoryConfig,
    vm: VmArchivePlaces,
    { owner, applianceId, token, clock }: LockHolder,
  ): Promise<AsyncDisposable> {
    await this.#prepared(repository);
    const { root } = repository;
    const holder = { owner, applianceId, token, process: lockProcess(applianceId) };
    const vmFolders = await this.#call(root, 'lockVm', { repository, vm, holder });
    const lock = { vmFolders, holder };
    const beating = keepBeating(clock, () => this.#call(root, 'beatVmLocks', lock));
    return {
      [Symbol.asyncDispose]: async () => {
        await beating[Symbol.asyncDispose]();
        await this.#call(root, 'releaseVmLocks', lock);
      },
    };
  }

  [Symbol.dispose](): void {
    for (const child of this.#processes.values()) child[Symbol.dispose]();
  }

  async #keys(): Promise<{ readonly identities?: readonly string[] }> {
    const identities = await this.#options.identities?.();
    return identities === undefined ? {} : { identities: identities.map((each) => each.reveal()) };
  }

  async #prepared(repository: RepositoryConfig): Promise<void> {
    await this.#options.prepare?.(repository);
  }

  #listing(signal: AbortSignal) {
    return { signal, deadlineMs: this.#listingMs };
  }

  async #call<C extends FolderCall>(
    root: string,
    call: C,
    input: FolderInput<C>,
    limits: { readonly signal?: AbortSignal; readonly deadlineMs?: number } = {},
  ): Promise<FolderAnswer<C>> {
    const ask = (): Promise<FolderAnswer<C>> =>
      this.#processOf(root).call(call, input, { deadlineMs: this.#callMs, ...limits });
    try {
      return await ask();
    } catch (error) {
      const died = error instanceof ColdframeError && error.code === 'process-died';
      // Every call but taking locks can be repeated: whatever was done then is done.
      if (!died || call === 'lockVm' || limits.signal?.aborted === true) throw error;
      return ask();
    }
  }

  #processOf(root: string): FolderProcess {
    const running = this.#processes.get(root);
    if (running?.usable === true) return running;
    if (this.#dying.get(root)?.stuck === true)
      throw new ColdframeError(
        'repository',
        `The storage at ${root} does not answer, and the last look at it cannot even be interrupted. Check the file server and the network to it; coldframe goes on by itself when it answers again.`,
      );
    if (running !== undefined) this.#dying.set(root, running);
    const { clock, program } = this.#options;
    const child = new FolderProcess({
      root,
      clock,
      ...(program === undefined ? {} : { program }),
    });
    this.#processes.set(root, child);
    return child;
  }
}

/** Not for lack of rights on the folder: those are the same for every archive, and lifting does not help. */
function isRefused(error: unknown): boolean {
  const cause: unknown = error instanceof ColdframeError ? error.cause : undefined;
  return cause instanceof Error && cause.message.startsWith('EPERM');
}
