import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import type { RepositoryFolder } from '#core/mover-orders.ts';

import { splitArchivePath } from './archive-path.ts';
import { syncFolder } from './durable.ts';
import { repositoryError, systemCode } from './fs-error.ts';

/** Beside the archives of a VM; `sha256sum -c SHA256SUMS` reads it. */
export const sumsName = 'SHA256SUMS';

/** Adds or replaces an archive's line. The caller holds the lock of the VM's folder. */
export async function addSum(
  folder: RepositoryFolder,
  archivePath: string,
  sha256: string,
): Promise<void> {
  const { file } = splitArchivePath(archivePath);
  await rewrite(folder, archivePath, (others) => [...others, `${sha256}  ${file}`]);
}

/** Takes the line of an archive away that is there no more. */
export async function removeSum(folder: RepositoryFolder, archivePath: string): Promise<void> {
  await rewrite(folder, archivePath, (others) => others);
}

async function rewrite(
  folder: RepositoryFolder,
  archivePath: string,
  change: (others: readonly string[]) => readonly string[],
): Promise<void> {
  const names = splitArchivePath(archivePath);
  const vmFolder = path.join(folder.root, names.folder);
  const sums = path.join(vmFolder, sumsName);
  try {
    const before = await readFile(sums, 'utf8').catch(unlessMissing);
    const lines = before.split('\n').filter((line) => line !== '');
    const others = lines.filter((line) => !line.endsWith(`  ${names.file}`));
    const after = change(others);
    if (after.length === lines.length && after.length === others.length) return;
    await replace(sums, after.map((line) => `${line}\n`).join(''));
    await syncFolder(vmFolder);
  } catch (cause) {
    throw repositoryError(`${sums} cannot be written`, cause);
  }
}

/** By renaming, so that nobody ever reads half of it. */
async function replace(sums: string, text: string): Promise<void> {
  const fresh = `${sums}.new`;
  await rm(fresh, { force: true });
  const handle = await open(fresh, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, sums);
}

function unlessMissing(error: unknown): string {
  if (systemCode(error) !== 'ENOENT') throw error;
  return '';
}
