import { lstat } from 'node:fs/promises';
import path from 'node:path';

import { repositoryError, systemCode } from './fs-error.ts';
import { findArchives } from './list-archives.ts';

/** What lies in a repository, by name and size; nothing is opened. */
export interface Stock {
  readonly archives: readonly StockedArchive[];
  /** Final paths of unfinished archives. */
  readonly partials: readonly string[];
}

export interface StockedArchive {
  /** Below the root. */
  readonly path: string;
  readonly bytes: number;
}

const looksAtOnce = 32;

/** All or nothing, as `findArchives`. The caller has checked the marker. */
export async function takeStock(root: string, signal: AbortSignal): Promise<Stock> {
  const { archives: names, partials } = await findArchives(root, signal);
  const archives: StockedArchive[] = [];
  for (let at = 0; at < names.length; at += looksAtOnce) {
    signal.throwIfAborted();
    const sizes = await Promise.all(
      names.slice(at, at + looksAtOnce).map(async (name) => ({
        path: name,
        bytes: await sizeOf(path.join(root, name)),
      })),
    );
    // Removed since it was listed: it is not there any more.
    for (const { path: name, bytes } of sizes)
      if (bytes !== undefined) archives.push({ path: name, bytes });
  }
  return { archives, partials };
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await lstat(file)).size;
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw repositoryError(`${file} cannot be looked at`, cause);
  }
}
