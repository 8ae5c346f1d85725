import { rm } from 'node:fs/promises';
import path from 'node:path';

import type { RepositoryFolder } from '#core/mover-orders.ts';

import { partialSuffix, splitArchivePath } from './archive-path.ts';
import { syncFolder } from './durable.ts';
import { repositoryError, systemCode } from './fs-error.ts';
import { requireMarker } from './marker.ts';

/** Removes a committed archive, durably. That it is gone already is success. */
export async function removeArchive(folder: RepositoryFolder, archivePath: string): Promise<void> {
  await removeFile(folder, archivePath, '');
}

/** Removes what is left of an unfinished archive; `archivePath` is its final path. */
export async function removePartial(folder: RepositoryFolder, archivePath: string): Promise<void> {
  await removeFile(folder, archivePath, partialSuffix);
}

async function removeFile(
  folder: RepositoryFolder,
  archivePath: string,
  suffix: string,
): Promise<void> {
  const names = splitArchivePath(archivePath);
  await requireMarker(folder);
  const vmFolder = path.join(folder.root, names.folder);
  const filePath = path.join(vmFolder, names.file + suffix);
  try {
    await rm(filePath, { force: true });
    await syncFolder(vmFolder);
  } catch (cause) {
    // Without the VM's folder there is no archive of it either.
    if (systemCode(cause) === 'ENOENT') return;
    throw repositoryError(`${filePath} cannot be removed`, cause);
  }
}
