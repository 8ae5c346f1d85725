import { open, rename } from 'node:fs/promises';
import path from 'node:path';

import type { RepositoryFolder } from '#core/mover-orders.ts';

import { splitArchivePath } from './archive-path.ts';
import { repositoryError, systemCode } from './fs-error.ts';
import { requireMarker } from './marker.ts';

/** What became of trying to harm an archive, as the user that writes them. */
export interface ProtectionProof {
  readonly overwriting: 'refused' | 'possible';
  /** Tried by renaming, which takes the same right and can be taken back. */
  readonly deleting: 'refused' | 'possible';
}

/** Tries to harm the archive and expects to be refused; where it is not, nothing has been changed in the end. */
export async function proveProtected(
  folder: RepositoryFolder,
  archivePath: string,
): Promise<ProtectionProof> {
  splitArchivePath(archivePath);
  await requireMarker(folder);
  const file = path.join(folder.root, archivePath);
  try {
    return {
      overwriting: await attempt(async () => (await open(file, 'r+')).close()),
      deleting: await attempt(async () => {
        await rename(file, `${file}.moved`);
        await rename(`${file}.moved`, file);
      }),
    };
  } catch (cause) {
    throw repositoryError(`${file} cannot be tried`, cause);
  }
}

async function attempt(harm: () => Promise<void>): Promise<'refused' | 'possible'> {
  try {
    await harm();
    return 'possible';
  } catch (error) {
    if (systemCode(error) === 'EPERM') return 'refused';
    throw error;
  }
}
