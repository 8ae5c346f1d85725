import { isAbsolute, resolve } from 'node:path';

import type {
  RebuildResult,
  RepositoryAdded,
  RepositoryDifferences,
  RepositoryView,
} from '#core/api.ts';
import type { Clock } from '#core/clock.ts';
import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import { nfsMountPoint, nfsSource, type NfsShare } from '#core/nfs.ts';

import type {
  InitialiseRepository,
  RepositoryAccess,
  RepositoryStore,
  RestorePointStore,
  ServiceJournal,
} from '../ports.ts';
import type { NfsMounts } from './nfs-mounts.ts';
import { refuseWhileOpen } from './open-entries.ts';
import { checkNewName, pick, repositoryWords } from './pick.ts';
import { bringUpToDate, compareWithFolder, type RebuildChoice } from './repository-stock.ts';

/** A folder on a dead NFS server answers never: a list shows what is known by then, a check waits. */
const glanceMs = 1500;
const lookMs = 20_000;
const longestMs = 3 * 60_000;

export interface RepositoryOptions {
  readonly store: RepositoryStore & RestorePointStore;
  readonly journal: Pick<ServiceJournal, 'open'>;
  readonly access: RepositoryAccess;
  readonly initialise: InitialiseRepository;
  readonly nfsMounts: Pick<NfsMounts, 'mount' | 'unmount'>;
  readonly clock: Clock;
}

/** A folder that is there, or an export for the appliance to mount. */
export type NewRepository = { readonly name: string } & (
  | { readonly root: string; readonly nfs?: undefined }
  | { readonly nfs: NfsShare; readonly root?: undefined }
);

export interface Repositories {
  list(signal: AbortSignal): Promise<readonly RepositoryView[]>;
  find(wanted: string | undefined): Promise<RepositoryConfig>;
  check(wanted: string, signal: AbortSignal): Promise<RepositoryView>;
  /** Mounts an export if one is given; tries the folder, and marks it or takes it over with all its restore points. */
  add(wanted: NewRepository, signal: AbortSignal): Promise<RepositoryAdded>;
  remove(wanted: string): Promise<void>;
  /** How catalog and folder differ; changes nothing. */
  differences(wanted: string, signal: AbortSignal): Promise<RepositoryDifferences>;
  /** Reads what is new in the folder into the catalog. */
  rebuild(wanted: string, choice: RebuildChoice, signal: AbortSignal): Promise<RebuildResult>;
}

export function createRepositories(options: RepositoryOptions): Repositories {
  const { store, journal, access, initialise, nfsMounts, clock } = options;
  const find = async (wanted: string | undefined): Promise<RepositoryConfig> =>
    pick(await store.listRepositories(), wanted, repositoryWords);
  /** Repositories that did not answer in time; a list does not wait for them again until they do. */
  const silent = new Set<string>();
  const state = async (
    repository: RepositoryConfig,
    signal: AbortSignal,
    waitMs = lookMs,
  ): Promise<RepositoryView> => {
    const enough = AbortSignal.timeout(silent.has(repository.id) ? Math.min(waitMs, 50) : waitMs);
    // Its answer counts whenever it comes: nobody may be waiting by then.
    const look = access.check(repository, AbortSignal.timeout(longestMs));
    look.then(
      () => silent.delete(repository.id),
      () => undefined,
    );
    try {
      const space = await untilAborted(look, AbortSignal.any([signal, enough]));
      return { ...repository, ...space };
    } catch (error) {
      signal.throwIfAborted();
      if (!enough.aborted) throw error;
      silent.add(repository.id);
      throw noAnswer(repository, error);
    }
  };
  const rebuild = async (
    repository: RepositoryConfig,
    signal: AbortSignal,
  ): Promise<RebuildResult> => {
    const { points, unreadable } = await access.scan(repository, signal);
    const changed = await store.replaceRestorePoints(
      repository.id,
      points,
      unreadable.map(({ path }) => path),
    );
    return {
      repository,
      found: points.length,
      ...changed,
      unreadable: unreadable.map(({ path, error }) => ({ path, message: error.message })),
    };
  };
  const begin = async (
    wanted: Omit<RepositoryConfig, 'id'>,
    signal: AbortSignal,
  ): Promise<RepositoryAdded> => {
    const { id, proof } = await initialise(wanted.root, signal);
    const twin = (await store.listRepositories()).find((other) => other.id === id);
    if (twin !== undefined)
      throw new ColdframeError(
        'invalid-input',
        `${wanted.nfs === undefined ? wanted.root : nfsSource(wanted.nfs)} is the repository "${twin.name}" already (${twin.root}). Remove that one first if the folder has moved.`,
      );
    const repository = { ...wanted, id };
    await store.saveRepository(repository);
    return { ...(await rebuild(repository, signal)), proof };
  };
  return {
    find,
    async list(signal) {
      return Promise.all(
        (await store.listRepositories()).map(async (repository) => {
          try {
            return await state(repository, signal, glanceMs);
          } catch (error) {
            return { ...repository, error: toErrorRecord(error) };
          }
        }),
      );
    },
    async check(wanted, signal) {
      return state(await find(wanted), signal);
    },
    async add({ name, root, nfs }, signal) {
      if (root !== undefined && !isAbsolute(root))
        throw new ColdframeError('invalid-input', `"${root}" must be an absolute path.`);
      const folder = root === undefined ? nfsMountPoint(name) : resolve(root);
      const all = await store.listRepositories();
      checkNewName(all, name, repositoryWords);
      if (nfs === undefined) return begin({ name, root: folder, addedAtMs: clock.now() }, signal);
      const neighbour = all.find((other) => other.root === folder);
      if (neighbour !== undefined)
        throw new ColdframeError(
          'invalid-input',
          `${folder}, where "${name}" would be mounted, is taken by "${neighbour.name}". Choose a name that differs in more than punctuation.`,
        );
      await nfsMounts.mount({ root: folder, nfs });
      try {
        return await begin({ name, root: folder, nfs, addedAtMs: clock.now() }, signal);
      } catch (error) {
        await nfsMounts.unmount(folder).catch(() => undefined); // the first error is the one to tell
        throw error;
      }
    },
    async remove(wanted) {
      const repository = await find(wanted);
      await refuseWhileOpen(journal, { word: 'repository', ...repository });
      await store.replaceRestorePoints(repository.id, []);
      await store.removeRepository(repository.id);
      if (repository.nfs !== undefined) await nfsMounts.unmount(repository.root);
    },
    async differences(wanted, signal) {
      return compareWithFolder(options, await find(wanted), signal);
    },
    async rebuild(wanted, choice, signal) {
      return bringUpToDate(options, { repository: await find(wanted), choice }, signal);
    },
  };
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function noAnswer({ name, root }: RepositoryConfig, cause: unknown): ColdframeError {
  return new ColdframeError(
    'repository',
    `The storage of repository "${name}" (${root}) does not answer. Check the file server and the network to it; coldframe goes on by itself when it answers again.`,
    { cause },
  );
}
