import type { RepositoryConfig } from '#core/config.ts';
import { toErrorRecord } from '#core/error.ts';
import { Secret } from '#core/secret.ts';
import { initialiseRepository } from '#repository/initialise.ts';
import { LocalRepositories, type VmArchivePlaces } from '#repository/local-repository.ts';
import { proveProtected } from '#repository/prove-protected.ts';
import { beatVmLock, releaseVmLock, takeVmLock, type VmLockHolder } from '#repository/vm-lock.ts';

import { archiveFacts } from './archive-facts.ts';

interface InRepository {
  readonly repository: RepositoryConfig;
  /** Open encrypted archives that lack their facts, and members of all. */
  readonly identities?: readonly string[];
}

interface ArchiveIn extends InRepository {
  /** Below the root. */
  readonly path: string;
}

interface LockOfVm {
  readonly vmFolders: readonly string[];
  readonly holder: VmLockHolder & { readonly process: NonNullable<VmLockHolder['process']> };
}

function foldersFor({ identities = [] }: { readonly identities?: readonly string[] }) {
  return new LocalRepositories(archiveFacts(identities.map((each) => new Secret(each))));
}

const folders = foldersFor({});
const clock = { now: () => Date.now() };

/**
 * What the process that owns a repository's folder can be asked. Inputs and answers cross as
 * structured clones, so that none of them holds functions or errors.
 */
export const folderHandlers = {
  initialise: (input: { readonly root: string; readonly id: string; readonly nowMs: number }) =>
    initialiseRepository(input),
  check: ({ repository }: InRepository, signal: AbortSignal) => folders.check(repository, signal),
  list: (input: InRepository, signal: AbortSignal) =>
    foldersFor(input).list(input.repository, signal),
  listVm: (input: InRepository & { readonly vm: VmArchivePlaces }, signal: AbortSignal) =>
    foldersFor(input).listVm(input.repository, input.vm, signal),
  async scan(input: InRepository, signal: AbortSignal) {
    const { points, partials, unreadable } = await foldersFor(input).scan(input.repository, signal);
    return {
      points,
      partials,
      unreadable: unreadable.map(({ path, error }) => ({ path, error: toErrorRecord(error) })),
    };
  },
  stock: ({ repository }: InRepository, signal: AbortSignal) => folders.stock(repository, signal),
  read: (input: ArchiveIn, signal: AbortSignal) =>
    foldersFor(input).read(input.repository, input.path, signal),
  readMember: (input: ArchiveIn & { readonly member: string }) =>
    foldersFor(input).readMember(input.repository, input.path, input.member),
  removePartial: ({ repository, path }: ArchiveIn) => folders.removePartial(repository, path),
  remove: ({ repository, path }: ArchiveIn) => folders.remove(repository, path),
  proveProtected: ({ repository, path }: ArchiveIn) =>
    proveProtected({ root: repository.root, repositoryId: repository.id }, path),
  /** Takes all locks or none; returns the folders that are locked. */
  async lockVm({
    repository,
    vm,
    holder,
  }: InRepository & { readonly vm: VmArchivePlaces; readonly holder: LockOfVm['holder'] }) {
    await using stack = new AsyncDisposableStack();
    const vmFolders = await folders.vmFolders(repository, vm);
    for (const vmFolder of vmFolders) {
      const claim = { vmFolder, ...holder, clock };
      await takeVmLock(claim);
      stack.defer(() => releaseVmLock(claim));
    }
    stack.move();
    return vmFolders;
  },
  /** Whether all locks are still the holder's. */
  async beatVmLocks({ vmFolders, holder }: LockOfVm) {
    const ours = await Promise.all(
      vmFolders.map((vmFolder) => beatVmLock({ vmFolder, ...holder, clock })),
    );
    return ours.every(Boolean);
  },
  async releaseVmLocks({ vmFolders, holder }: LockOfVm) {
    for (const vmFolder of vmFolders) await releaseVmLock({ vmFolder, token: holder.token });
  },
};

export type FolderHandlers = typeof folderHandlers;
export type FolderCall = keyof FolderHandlers;
export type FolderInput<C extends FolderCall> = Parameters<FolderHandlers[C]>[0];
export type FolderAnswer<C extends FolderCall> = Awaited<ReturnType<FolderHandlers[C]>>;
