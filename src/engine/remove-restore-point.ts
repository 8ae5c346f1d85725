import { ColdframeError } from '#core/error.ts';
import { followChains } from '#core/prune-plan.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { StandIns } from '#core/stand-ins.ts';

import { deleteArchives } from './delete-archives.ts';
import type { PruneContext } from './prune-ports.ts';
import { holdVmArchives, type VmArchives, type VmInRepository } from './vm-archives.ts';

export interface RemovalRequest extends VmInRepository {
  readonly id: string;
  /** Also when no other good restore point of the VM is left in this repository. */
  readonly evenLast: boolean;
  /** Ids of restore points that are being read right now. */
  readonly inUse: () => ReadonlySet<string>;
}

/** Removes one restore point by hand. Refused while anything needs it. */
export async function removeRestorePoint(
  context: PruneContext,
  request: RemovalRequest,
  signal: AbortSignal,
): Promise<RestorePoint> {
  const { repository, id, inUse } = request;
  await using archives = await holdVmArchives(context, request, signal);
  const point = archives.points.find(({ header }) => header.id === id);
  if (point === undefined)
    throw new ColdframeError('not-found', `Restore point ${id} is no longer there.`);
  refuse(archives, point, request);
  await deleteArchives(
    context,
    { repository, points: [point], inUse, onDeleted: () => undefined },
    signal,
  );
  return point;
}

function refuse(
  { points, marks }: VmArchives,
  { header }: RestorePoint,
  { evenLast, inUse }: RemovalRequest,
): void {
  const { id, vm } = header;
  const pin = marks.get(id)?.pin;
  if (pin !== undefined)
    throw new ColdframeError(
      'not-eligible',
      `Restore point ${id} is pinned${pin.note === '' ? '' : ` (${pin.note})`}. Unpin it first: coldframe restore-point unpin ${id}`,
    );
  const others = points.filter((other) => other.header.id !== id);
  const standIns = new StandIns(points, (each) => marks.get(each.header.id)?.damage === undefined);
  const neededBy = others.filter((other) => standIns.parentIdOf(other) === id);
  if (neededBy.length > 0)
    throw new ColdframeError(
      'not-eligible',
      `Restore point ${id} is needed: ${neededBy.map((other) => other.header.id).join(', ')} builds on it. Remove that first, or let retention remove the whole chain.`,
      { details: { neededBy: neededBy.map((other) => other.header.id) } },
    );
  if (inUse().has(id))
    throw new ColdframeError('busy', `Restore point ${id} is being read by a run. Wait for it.`);
  const chains = followChains(
    others.map((other) => ({ id: other.header.id, parentId: standIns.parentIdOf(other) })),
  );
  const good = [...chains.values()].some(({ missing }) => missing === undefined);
  if (!good && !evenLast)
    throw new ColdframeError(
      'not-eligible',
      `Restore point ${id} is the last good one of ${vm.name} in this repository. To remove it all the same: coldframe restore-point remove ${id} --even-last`,
    );
}
