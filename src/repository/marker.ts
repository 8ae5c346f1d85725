import { lstat, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { ColdframeError } from '#core/error.ts';

import { syncFolder } from './durable.ts';
import { repositoryError, systemCode } from './fs-error.ts';

export const markerName = '.coldframe-repository.json';
const markerVersion = 1;
const maxMarkerBytes = 64 * 1024;

const markerSchema = z.object({
  id: z.string().min(1).max(128),
  formatVersion: z.int().positive(),
  createdAt: z.iso.datetime(),
});

export type Marker = z.infer<typeof markerSchema>;

/** Undefined when there is none; throws 'repository' when it cannot be read or is not valid. */
export async function readMarker(root: string): Promise<Marker | undefined> {
  const file = path.join(root, markerName);
  let text: string;
  try {
    const { size } = await lstat(file);
    if (size > maxMarkerBytes) throw new Error('too large');
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw repositoryError(`The marker of repository ${root} cannot be read`, cause);
  }
  return parseMarker(text, file);
}

function parseMarker(text: string, file: string): Marker {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badMarker(file, cause);
  }
  const result = markerSchema.safeParse(value);
  if (!result.success) throw badMarker(file, result.error);
  if (result.data.formatVersion > markerVersion)
    throw new ColdframeError(
      'repository',
      `${file} is of version ${result.data.formatVersion}, newer than this coldframe. Update coldframe.`,
    );
  return result.data;
}

function badMarker(file: string, cause: unknown): ColdframeError {
  return new ColdframeError(
    'repository',
    `${file} is not a valid marker. Restore the file from a copy of the share; do not make a new one, since archives refer to it.`,
    { cause },
  );
}

export async function writeMarker(
  root: string,
  parts: { readonly id: string; readonly createdAtMs: number },
): Promise<Marker> {
  const marker: Marker = {
    id: parts.id,
    formatVersion: markerVersion,
    createdAt: new Date(parts.createdAtMs).toISOString(),
  };
  const temporary = path.join(root, `${markerName}.${parts.id}.new`);
  try {
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(`${JSON.stringify(marker, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path.join(root, markerName));
    await syncFolder(root);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw repositoryError(`The repository folder ${root} cannot be written`, cause);
  }
  return marker;
}

/** Throws 'repository' unless the folder carries the marker of exactly this repository. */
export async function requireMarker(folder: {
  readonly root: string;
  readonly repositoryId: string;
}): Promise<void> {
  const marker = await readMarker(folder.root);
  if (marker === undefined)
    throw new ColdframeError(
      'repository',
      `The folder ${folder.root} carries no repository marker (${markerName}). If it is a share, mount it; nothing was written.`,
    );
  if (marker.id !== folder.repositoryId)
    throw new ColdframeError(
      'repository',
      `The folder ${folder.root} holds another repository (${marker.id}) than the one that was set up there (${folder.repositoryId}). Mount the right share; nothing was written.`,
    );
}
