import { lstat, unlink } from 'node:fs/promises';
import path from 'node:path';

import type { RepositoryFolder } from '#core/mover-orders.ts';

import { partialSuffix, splitArchivePath } from './archive-path.ts';
import { syncFolder } from './durable.ts';
import { factsPathOf } from './facts-file.ts';
import { repositoryError, systemCode } from './fs-error.ts';
import { requireMarker } from './marker.ts';
import { removeSum } from './sums-file.ts';

/** Removes a committed archive, durably. That it is gone already is success. */
export async function removeArchive(folder: RepositoryFolder, archivePath: string): Promise<void> {
  await removeFiles(folder, archivePath, (file) => [file, factsPathOf(file)]);
  await removeSum(folder, archivePath);
}

/** Removes what is left of an unfinished archive; `archivePath` is its final path. */
export async function removePartial(folder: RepositoryFolder, archivePath: string): Promise<void> {
  await removeFiles(folder, archivePath, async (file) =>
    (await isThere(file)) ? [file + partialSuffix] : [file + partialSuffix, factsPathOf(file)],
  );
}

/** `which` of the files belong to an archive of this absolute path, in the order of their removal. */
async function removeFiles(
  folder: RepositoryFolder,
  archivePath: string,
  which: (file: string) => readonly string[] | Promise<readonly string[]>,
): Promise<void> {
  const names = splitArchivePath(archivePath);
  await requireMarker(folder);
  const vmFolder = path.join(folder.root, names.folder);
  const filePath = path.join(vmFolder, names.file);
  try {
    // Not rm: refused a file, it looks for a folder, and its error hides the reason.
    for (const file of await which(filePath)) await unlink(file).catch(unlessGone);
    await syncFolder(vmFolder);
  } catch (cause) {
    // Without the VM's folder there is no archive of it either.
    if (systemCode(cause) === 'ENOENT') return;
    throw repositoryError(`${filePath} cannot be removed`, cause);
  }
}

function unlessGone(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error;
}

/** A committed archive keeps what lies beside it, even when a partial of the same name is removed. */
async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
}
