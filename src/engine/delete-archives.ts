import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import type { PruneContext } from './prune-ports.ts';
import { forget } from './vm-archives.ts';

export interface Deletion {
  readonly repository: RepositoryConfig;
  /** Each before what it builds on. */
  readonly points: readonly RestorePoint[];
  /** Ids of restore points that are being read right now. */
  readonly inUse: () => ReadonlySet<string>;
  readonly onDeleted: (point: RestorePoint) => void;
}

/**
 * Deletes each archive and then its catalog entry. The journal is not needed: deleting is
 * idempotent and undoes nothing. The marks tell the next look that an archive that is gone was
 * meant to go; one that is still there is simply decided on anew.
 */
export async function deleteArchives(
  context: PruneContext,
  { repository, points, inUse, onDeleted }: Deletion,
  signal: AbortSignal,
): Promise<void> {
  const { catalog, repositories } = context;
  await catalog.setRemoving(
    points.map(({ header }) => header.id),
    true,
  );
  for (const [i, point] of points.entries()) {
    signal.throwIfAborted();
    await refuseWhenWanted(context, points.slice(i), inUse());
    await repositories.remove(repository, point.path);
    await forget(context, point.header.id);
    onDeleted(point);
  }
}

/** Somebody may have pinned a point, or begun to restore it, since the decision. */
async function refuseWhenWanted(
  { catalog }: PruneContext,
  rest: readonly RestorePoint[],
  inUse: ReadonlySet<string>,
): Promise<void> {
  const marks = await catalog.restorePointMarks(rest.map(({ header }) => header.id));
  for (const { header } of rest)
    if (inUse.has(header.id) || marks.get(header.id)?.pin !== undefined)
      throw new ColdframeError(
        'busy',
        `Restore point ${header.id} was pinned or is being read since it was decided to remove it. What is left is decided on anew next time.`,
      );
}
