import { ColdframeError } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import type { RestorePointStore } from '../ports.ts';

export async function findRestorePoint(
  store: RestorePointStore,
  id: string,
): Promise<RestorePoint> {
  const point = await store.getRestorePoint(id);
  if (point !== undefined) return point;
  throw new ColdframeError(
    'not-found',
    `There is no restore point "${id}". See: coldframe restore-point list`,
  );
}

/** Newest first; `vm` is a name or an instance UUID. */
export function restorePointsOf(
  store: Pick<RestorePointStore, 'listRestorePoints'>,
  { vm, limit }: { readonly vm: string; readonly limit: number },
): Promise<readonly RestorePoint[]> {
  return store.listRestorePoints({ limit, filter: { by: 'word', word: vm } });
}
