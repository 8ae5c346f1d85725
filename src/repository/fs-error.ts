import { ColdframeError } from '#core/error.ts';

export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
}

/** A failed call of the operating system, in words that name the folder and what to do. */
export function repositoryError(what: string, cause: unknown): ColdframeError {
  if (cause instanceof ColdframeError) return cause;
  const code: string = systemCode(cause) ?? '';
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new ColdframeError('no-space', `${what}: no space is left. Free some or enlarge it.`, {
        cause,
      });
    case 'EACCES':
    case 'EPERM':
      return new ColdframeError(
        'repository',
        `${what}: access is denied. Let the appliance's user (or the NFS client) write there.`,
        { cause },
      );
    case 'EROFS':
      return new ColdframeError('repository', `${what}: it is mounted read-only. Remount it.`, {
        cause,
      });
    case 'ENOENT':
    case 'ENOTDIR':
      return new ColdframeError(
        'repository',
        `${what}: it does not exist. Check the path and that the share is mounted.`,
        { cause },
      );
    default:
      return new ColdframeError('io', `${what}: the storage answered with an error.`, { cause });
  }
}
