import { open, readFile, rename, rm } from 'node:fs/promises';

import { systemCode } from './fs-error.ts';

/**
 * What is known of an encrypted archive, readable without its key: a file beside it. Lists and
 * retention need no more, so an appliance that cannot decrypt can still keep house.
 */

/** Of thousands of disks. */
const maxFactsBytes = 64 * 1024 * 1024;

export function factsPathOf(archiveFile: string): string {
  return `${archiveFile}.facts.json`;
}

/** Durable but for its name, which the caller's sync of the folder makes so. */
export async function writeFactsFile(archiveFile: string, facts: Uint8Array): Promise<void> {
  const file = factsPathOf(archiveFile);
  const temporary = `${file}.new`;
  try {
    await using handle = await open(temporary, 'w', 0o600);
    await handle.writeFile(facts);
    await handle.sync();
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Undefined when there is none. */
export async function readFactsFile(archiveFile: string): Promise<Buffer | undefined> {
  try {
    await using handle = await open(factsPathOf(archiveFile));
    const { size } = await handle.stat();
    if (size > maxFactsBytes) return undefined;
    return await readFile(handle);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
