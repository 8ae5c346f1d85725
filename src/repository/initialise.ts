import { access, constants, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import type { FolderProof } from '#core/api.ts';
import { ColdframeError } from '#core/error.ts';

import { repositoryError } from './fs-error.ts';
import { markerName, readMarker, writeMarker, type Marker } from './marker.ts';
import { proveFolder, testPrefix } from './prove-folder.ts';

export interface InitialiseOptions {
  readonly root: string;
  /** For a new marker; an existing one keeps its own. */
  readonly id: string;
  readonly nowMs: number;
}

export interface InitialisedRepository {
  readonly marker: Marker;
  /** The folder was a repository already: its archives can be taken over. */
  readonly existed: boolean;
  readonly proof: FolderProof;
}

/** What file systems and file servers put into an empty root. */
const notContents = new Set(['lost+found', '.snapshot', '.zfs', '@eaDir', '#recycle']);

/**
 * Makes a folder a repository, or recognises that it is one, after trying whether archives can live
 * there. The folder itself must exist.
 */
export async function initialiseRepository(
  options: InitialiseOptions,
): Promise<InitialisedRepository> {
  const { root } = options;
  if (!path.isAbsolute(root))
    throw new ColdframeError(
      'invalid-input',
      `The repository folder ${JSON.stringify(root)} is not an absolute path. Start it with "/".`,
    );
  const entries = await inspectFolder(root);
  const marker = entries.includes(markerName) ? await readMarker(root) : undefined;
  if (marker !== undefined)
    return { marker, existed: true, proof: await proveFolder(root, options.id) };
  const contents = entries.filter((name) => !notContents.has(name) && !name.startsWith(testPrefix));
  if (contents.length > 0)
    throw new ColdframeError(
      'repository',
      `The folder ${root} is not empty and is no repository (it holds ${JSON.stringify(contents[0])}). Choose an empty folder, or make one in it.`,
    );
  const proof = await proveFolder(root, options.id);
  const created = await writeMarker(root, { id: options.id, createdAtMs: options.nowMs });
  return { marker: created, existed: false, proof };
}

async function inspectFolder(root: string): Promise<string[]> {
  try {
    const stats = await stat(root);
    if (!stats.isDirectory())
      throw new ColdframeError('repository', `${root} is not a folder. Name a folder.`);
    await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
    return await readdir(root);
  } catch (cause) {
    throw repositoryError(`The repository folder ${root} cannot be used`, cause);
  }
}
