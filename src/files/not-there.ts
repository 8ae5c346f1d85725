import { ColdframeError } from '#core/error.ts';

/** libguestfs has no codes; its sentence ends like the C library's. */
export function notThere(error: unknown): never {
  const message = error instanceof Error ? error.message : '';
  if (/No such file or directory|Not a directory/.test(message))
    throw new ColdframeError('not-found', 'There is no such file or folder in this volume.', {
      cause: error,
    });
  throw error;
}
