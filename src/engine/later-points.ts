import type { RestorePoint } from '#core/restore-point.ts';

import type { EngineContext } from './ports.ts';

/** The restore points of the same VM that were made on top of this one, in its repository; oldest first. */
export async function laterPoints(
  { catalog }: EngineContext,
  point: RestorePoint,
): Promise<readonly RestorePoint[]> {
  const all = (await catalog.restorePointsOfVm(point.header.vm)).toReversed();
  const line = new Set([point.header.id]);
  return all.filter(({ header, repositoryId }) => {
    if (repositoryId !== point.repositoryId || !line.has(header.parent?.id ?? '')) return false;
    line.add(header.id);
    return true;
  });
}
