import { ColdframeError } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import type { RestorePointStore } from '../ports.ts';

const mostScanned = 100_000;

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
export async function restorePointsOf(
  store: RestorePointStore,
  { vm, limit }: { readonly vm: string; readonly limit: number },
): Promise<readonly RestorePoint[]> {
  const all = await store.listRestorePoints({ limit: mostScanned });
  return all
    .filter(({ header }) => header.vm.name === vm || header.vm.instanceUuid === vm)
    .slice(0, limit);
}
