import { ColdframeError } from '#core/error.ts';
import { awaitRunningTasks } from './lost-answer.ts';
import { findFolder } from './restore-place.ts';
import { vmRef, type Vim } from './vim.ts';

/** What a call whose outcome is unknown was about: a VM, or the folder that a VM is made in. */
export type BusyObject = { readonly vmMoref: string } | { readonly folderPath: string };

/**
 * Resolves when the vim tasks that the object is busy with now have ended, well or not: what they
 * did can then be seen. Throws when the tasks cannot be read.
 */
export async function settled(vim: Vim, object: BusyObject, signal: AbortSignal): Promise<void> {
  if ('vmMoref' in object) return awaitRunningTasks(vim, vmRef(object.vmMoref), { signal });
  try {
    const folder = await findFolder(vim, object.folderPath, signal);
    await awaitRunningTasks(vim, folder, { signal });
  } catch (error) {
    // Nothing is being made in a folder that is not there.
    if (error instanceof ColdframeError && error.code === 'not-found') return;
    throw error;
  }
}
