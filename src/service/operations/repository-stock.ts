import type { RebuildResult, RepositoryDifferences } from '#core/api.ts';
import type { RepositoryConfig } from '#core/config.ts';
import { toErrorRecord } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import type { RepositoryAccess, RestorePointStore } from '../ports.ts';

const readsAtOnce = 8;
const pointsPerWrite = 200;
/** Of each kind of difference; the numbers are of all. */
const mostListed = 1000;

export interface StockOptions {
  readonly store: RestorePointStore;
  readonly access: Pick<RepositoryAccess, 'stock' | 'read'>;
}

export interface RebuildChoice {
  /** Read every archive, and not only those that are new or of another size. */
  readonly all?: boolean | undefined;
  /** Take restore points whose archives are gone out of the catalog. */
  readonly forgetMissing?: boolean | undefined;
}

interface Comparison {
  readonly archives: readonly string[];
  readonly known: number;
  /** In the catalog, and not there. */
  readonly missing: readonly { readonly id: string; readonly path: string }[];
  /** There, and not in the catalog. */
  readonly unknown: readonly string[];
  readonly changed: readonly {
    readonly path: string;
    readonly bytes: number;
    readonly knownBytes: number;
  }[];
  readonly unfinished: readonly string[];
}

/** How catalog and folder differ, by names and sizes; changes nothing. */
export async function compareWithFolder(
  options: StockOptions,
  repository: RepositoryConfig,
  signal: AbortSignal,
): Promise<RepositoryDifferences> {
  const { archives, known, missing, unknown, changed, unfinished } = await compare(
    options,
    repository,
    signal,
  );
  return {
    archives: archives.length,
    known,
    missing: listed(missing.map(({ path }) => path)),
    unknown: listed(unknown),
    changed: listed(changed),
    unfinished: listed(unfinished),
  };
}

function listed<T>(items: readonly T[]) {
  return { count: items.length, first: items.slice(0, mostListed) };
}

async function compare(
  { store, access }: StockOptions,
  repository: RepositoryConfig,
  signal: AbortSignal,
): Promise<Comparison> {
  // The catalog first: a backup that ends in between is then new in the folder, and not missing there.
  const known = new Map<string, { readonly id: string; readonly knownBytes: number }>();
  for await (const { header, path, archiveBytes } of store.restorePointsIn(repository.id)) {
    signal.throwIfAborted();
    known.set(path, { id: header.id, knownBytes: archiveBytes });
  }
  const stock = await access.stock(repository, signal);
  const missing = new Map(known);
  const unknown: string[] = [];
  const changed: Comparison['changed'][number][] = [];
  for (const { path, bytes } of stock.archives) {
    const point = known.get(path);
    missing.delete(path);
    if (point === undefined) unknown.push(path);
    else if (bytes !== point.knownBytes)
      changed.push({ path, bytes, knownBytes: point.knownBytes });
  }
  return {
    archives: stock.archives.map(({ path }) => path),
    known: known.size,
    missing: [...missing].map(([path, { id }]) => ({ id, path })),
    unknown,
    changed,
    unfinished: stock.partials,
  };
}

/** Reads what is new in the folder into the catalog. What the folder lacks stays in the catalog unless told otherwise. */
export async function bringUpToDate(
  options: StockOptions,
  { repository, choice }: { readonly repository: RepositoryConfig; readonly choice: RebuildChoice },
  signal: AbortSignal,
): Promise<RebuildResult> {
  const { store, access } = options;
  const found = await compare(options, repository, signal);
  const missing = new Map(found.missing.map(({ id, path }) => [id, path]));
  const waiting = choice.all
    ? [...found.archives]
    : [...found.unknown, ...found.changed.map(({ path }) => path)];
  const unreadable: { path: string; message: string }[] = [];
  let added = 0;
  let read: RestorePoint[] = [];
  const save = async (): Promise<void> => {
    const points = read;
    read = [];
    for (const { header } of points) {
      const before = await store.getRestorePoint(header.id);
      if (before?.repositoryId !== repository.id) added++;
      // It was moved inside the folder.
      missing.delete(header.id);
    }
    await store.addRestorePoints(points);
  };
  const reader = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      try {
        read.push(await access.read(repository, path, signal));
      } catch (error) {
        signal.throwIfAborted();
        unreadable.push({ path, message: toErrorRecord(error).message });
      }
      if (read.length >= pointsPerWrite) await save();
    }
  };
  await Promise.all(Array.from({ length: readsAtOnce }, reader));
  await save();
  const forgotten = choice.forgetMissing === true ? [...missing.keys()] : [];
  for (const id of forgotten) await store.removeRestorePoint(id);
  return {
    repository,
    found: found.archives.length - unreadable.length,
    added,
    removed: forgotten.length,
    missing: forgotten.length > 0 ? [] : [...missing.values()].slice(0, mostListed),
    unreadable,
  };
}
