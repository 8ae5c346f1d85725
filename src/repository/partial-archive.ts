import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { ColdframeError } from '#core/error.ts';
import type { RepositoryFolder } from '#core/mover-orders.ts';

import { partialSuffix, splitArchivePath } from './archive-path.ts';
import { syncFileData, syncFolder } from './durable.ts';
import { factsPathOf, writeFactsFile } from './facts-file.ts';
import { repositoryError, systemCode } from './fs-error.ts';
import { requireMarker } from './marker.ts';

/** An archive that is being written. Disposing removes it unless it was committed. */
export interface PartialArchive extends AsyncDisposable {
  /** Absolute path of the file to write, which exists and is empty. */
  readonly filePath: string;
  /**
   * Makes the file durable, gives it its final name and makes the name durable: from here on it is a restore
   * point. `facts` come to lie beside it, before.
   */
  commit(facts?: Uint8Array): Promise<void>;
  /** Removes the file. */
  discard(): Promise<void>;
}

/** Begins a new archive; `archivePath` is its final path below the root. */
export async function createPartial(
  folder: RepositoryFolder,
  archivePath: string,
): Promise<PartialArchive> {
  const names = splitArchivePath(archivePath);
  await requireMarker(folder);
  const vmFolder = path.join(folder.root, names.folder);
  await makeVmFolder(folder.root, vmFolder);
  const finalPath = path.join(vmFolder, names.file);
  const filePath = finalPath + partialSuffix;
  try {
    const handle = await open(filePath, 'wx', 0o600);
    await handle.close();
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST')
      throw new ColdframeError('busy', `${filePath} exists already: another run is writing it.`, {
        cause,
      });
    throw repositoryError(`The archive ${filePath} cannot be created`, cause);
  }
  let committed = false;
  let described = false;
  const discard = async (): Promise<void> => {
    if (committed) return;
    await rm(filePath, { force: true });
    if (described) await rm(factsPathOf(finalPath), { force: true });
    await syncFolder(vmFolder);
  };
  return {
    filePath,
    commit: async (facts) => {
      const describe = async (): Promise<void> => {
        if (facts === undefined) return;
        described = true;
        await writeFactsFile(finalPath, facts);
      };
      await commit({ folder, vmFolder, filePath, finalPath, describe });
      committed = true;
    },
    discard,
    [Symbol.asyncDispose]: discard,
  };
}

interface CommitPaths {
  readonly folder: RepositoryFolder;
  readonly vmFolder: string;
  readonly filePath: string;
  readonly finalPath: string;
  /** Writes what comes to lie beside the archive. */
  readonly describe: () => Promise<void>;
}

async function commit(paths: CommitPaths): Promise<void> {
  const { folder, vmFolder, filePath, finalPath, describe } = paths;
  try {
    await requireMarker(folder);
    await syncFileData(filePath);
    await refuseExisting(finalPath);
    await describe();
    await rename(filePath, finalPath);
    await syncFolder(vmFolder);
  } catch (cause) {
    throw repositoryError(`The archive ${finalPath} cannot be committed`, cause);
  }
}

/** rename would replace it silently; ids are unique, so this means that something is very wrong. */
async function refuseExisting(finalPath: string): Promise<void> {
  const exists = await lstat(finalPath).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
  if (exists) throw new ColdframeError('busy', `${finalPath} exists already and was left alone.`);
}

/** Archives of one VM lie together; a symbolic link in the folder's place is refused. */
async function makeVmFolder(root: string, vmFolder: string): Promise<void> {
  try {
    await mkdir(vmFolder, { mode: 0o700 });
    await syncFolder(root);
  } catch (cause) {
    if (systemCode(cause) !== 'EEXIST')
      throw repositoryError(`The folder ${vmFolder} cannot be created`, cause);
    const stats = await lstat(vmFolder);
    if (!stats.isDirectory())
      throw new ColdframeError('repository', `${vmFolder} is not a folder. Move it away.`);
  }
}
