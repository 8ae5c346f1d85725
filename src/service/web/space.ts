import type { RepositoryView } from '#core/api.ts';
import type { RestorePoint } from '#core/restore-point.ts';

export interface RepositorySpace {
  readonly repository: RepositoryView;
  /** At the pace of the last week; undefined when that is not known or nothing grows. */
  readonly daysToFull?: number;
}

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
/** Less than this says nothing about a day. */
const shortestSpanMs = dayMs;

/** `recent`: the newest restore points, newest first; they need not reach back a whole week. */
export function spaceOf(
  repositories: readonly RepositoryView[],
  recent: readonly RestorePoint[],
  nowMs: number,
): readonly RepositorySpace[] {
  const known = recent.filter(({ header }) => nowMs - header.createdAtMs < weekMs);
  const spanMs = nowMs - (known.at(-1)?.header.createdAtMs ?? nowMs);
  return repositories.map((repository) => {
    const bytes = known
      .filter(({ repositoryId }) => repositoryId === repository.id)
      .reduce((sum, { archiveBytes }) => sum + archiveBytes, 0);
    if (spanMs < shortestSpanMs || bytes === 0 || repository.freeBytes === undefined)
      return { repository };
    return { repository, daysToFull: repository.freeBytes / ((bytes / spanMs) * dayMs) };
  });
}
