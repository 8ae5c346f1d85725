import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { isArchiveFile, isVmFolder, partialSuffix } from './archive-path.ts';
import { repositoryError } from './fs-error.ts';

export interface FoundArchives {
  /** Paths below the root, by folder and time. */
  readonly archives: readonly string[];
  /** Final paths of unfinished archives. */
  readonly partials: readonly string[];
}

/**
 * Every archive file below the root. All or nothing: any error throws, since decisions to
 * delete are made from this list. Symbolic links and foreign names are passed over.
 */
export async function findArchives(
  root: string,
  signal: AbortSignal,
  wanted: (vmFolder: string) => boolean = () => true,
): Promise<FoundArchives> {
  const archives: string[] = [];
  const partials: string[] = [];
  for (const folder of await findVmFolders(root)) {
    signal.throwIfAborted();
    if (!wanted(folder)) continue;
    for (const file of await entriesOf(path.join(root, folder))) {
      if (!file.isFile()) continue;
      const relative = `${folder}/${file.name}`;
      const finalName = withoutPartial(file.name);
      if (isArchiveFile(file.name)) archives.push(relative);
      else if (finalName !== undefined) partials.push(`${folder}/${finalName}`);
    }
  }
  return { archives, partials };
}

/** Names of the folders below the root that hold a VM's archives. */
export async function findVmFolders(root: string): Promise<readonly string[]> {
  const entries = await entriesOf(root);
  return entries
    .filter((entry) => entry.isDirectory() && isVmFolder(entry.name))
    .map(({ name }) => name);
}

function withoutPartial(name: string): string | undefined {
  if (!name.endsWith(partialSuffix)) return undefined;
  const finalName = name.slice(0, -partialSuffix.length);
  return isArchiveFile(finalName) ? finalName : undefined;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw repositoryError(`The folder ${folder} cannot be listed`, cause);
  }
}
