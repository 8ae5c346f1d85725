import { open, rename, rm, type FileHandle } from 'node:fs/promises';

import { ColdframeError, wrapError } from '#core/error.ts';

export interface PartialFile {
  readonly path: string;
  /** Open for writing, empty. */
  readonly handle: FileHandle;
}

/**
 * Writes a file that has its name only when it is complete and on stable storage. Existing files
 * are not replaced ('invalid-input'); what was begun is removed when `write` fails.
 */
export async function writeWhole<T>(
  target: string,
  write: (partial: PartialFile) => Promise<T>,
): Promise<T> {
  const path = `${target}.partial`;
  await using stack = new AsyncDisposableStack();
  try {
    await refuseExisting(target);
    const handle = await open(path, 'wx', 0o600);
    stack.defer(() => rm(path, { force: true }));
    stack.defer(() => handle.close());
    const result = await write({ path, handle });
    await handle.sync();
    await rename(path, target);
    return result;
  } catch (error) {
    throw writeError(target, error);
  }
}

async function refuseExisting(target: string): Promise<void> {
  const existing = await open(target, 'r').catch(() => undefined);
  if (existing === undefined) return;
  await existing.close();
  throw new ColdframeError(
    'invalid-input',
    `${target} exists already. Choose another folder or move the file away.`,
  );
}

function writeError(target: string, error: unknown): Error {
  if (error instanceof ColdframeError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return wrapError(
      'no-space',
      `${target}: no space is left. Free some or choose another folder.`,
      error,
    );
  if (code === 'EEXIST')
    return wrapError(
      'busy',
      `${target}.partial exists: another extraction is writing it, or one was killed. Remove it if none is running.`,
      error,
    );
  // An aborted signal's reason is not ours to rename.
  if (code === undefined && error instanceof Error) return error;
  return wrapError('io', `${target} cannot be written.`, error);
}
