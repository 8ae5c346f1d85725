import { isAbsolute, resolve } from 'node:path';

import type { RebuildResult, RepositoryView } from '#core/api.ts';
import type { Clock } from '#core/clock.ts';
import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';

import type {
  InitialiseRepository,
  RepositoryAccess,
  RepositoryStore,
  RestorePointStore,
  ServiceJournal,
} from '../ports.ts';
import { refuseWhileOpen } from './open-entries.ts';
import { checkNewName, pick, repositoryWords } from './pick.ts';

/** A folder on a dead NFS server answers never: a list shows what is known by then, a check waits. */
const glanceMs = 1500;
const lookMs = 20_000;

export interface RepositoryOptions {
  readonly store: RepositoryStore & RestorePointStore;
  readonly journal: Pick<ServiceJournal, 'open'>;
  readonly access: RepositoryAccess;
  readonly initialise: InitialiseRepository;
  readonly clock: Clock;
}

export interface Repositories {
  list(signal: AbortSignal): Promise<readonly RepositoryView[]>;
  find(wanted: string | undefined): Promise<RepositoryConfig>;
  check(wanted: string, signal: AbortSignal): Promise<RepositoryView>;
  /** Marks an empty folder, or takes over one that is marked, with all its restore points. */
  add(
    wanted: { readonly name: string; readonly root: string },
    signal: AbortSignal,
  ): Promise<RebuildResult>;
  remove(wanted: string): Promise<void>;
  /** Makes the catalog agree with the archives in the folder. */
  rebuild(wanted: string, signal: AbortSignal): Promise<RebuildResult>;
}

export function createRepositories(options: RepositoryOptions): Repositories {
  const { store, journal, access, initialise, clock } = options;
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
    try {
      const space = await access.check(repository, AbortSignal.any([signal, enough]));
      silent.delete(repository.id);
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
    async add({ name, root }, signal) {
      if (!isAbsolute(root))
        throw new ColdframeError('invalid-input', `"${root}" must be an absolute path.`);
      const folder = resolve(root);
      const all = await store.listRepositories();
      checkNewName(all, name, repositoryWords);
      const { id } = await initialise(folder, signal);
      const twin = all.find((other) => other.id === id);
      if (twin !== undefined)
        throw new ColdframeError(
          'invalid-input',
          `${folder} is the repository "${twin.name}" already (${twin.root}). Remove that one first if the folder has moved.`,
        );
      const repository = { id, name, root: folder, addedAtMs: clock.now() };
      await store.saveRepository(repository);
      return rebuild(repository, signal);
    },
    async remove(wanted) {
      const repository = await find(wanted);
      await refuseWhileOpen(journal, { word: 'repository', ...repository });
      await store.replaceRestorePoints(repository.id, []);
      await store.removeRepository(repository.id);
    },
    async rebuild(wanted, signal) {
      return rebuild(await find(wanted), signal);
    },
  };
}

function noAnswer({ name, root }: RepositoryConfig, cause: unknown): ColdframeError {
  return new ColdframeError(
    'repository',
    `The storage of repository "${name}" (${root}) does not answer. Check the file server and the network to it; coldframe goes on by itself when it answers again.`,
    { cause },
  );
}
