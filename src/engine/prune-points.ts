import type { PrunePoint } from '#core/prune-plan.ts';
import type { RestorePointMarks } from '#core/restore-point-marks.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { sealedId, StandIns } from '#core/stand-ins.ts';

export interface PrunePointsInput {
  /** Everything that lies in the VM's folders. */
  readonly points: readonly RestorePoint[];
  readonly marks: ReadonlyMap<string, RestorePointMarks>;
  readonly isOwn: (point: RestorePoint) => boolean;
  /** Ids of restore points that are being read right now. */
  readonly inUse: ReadonlySet<string>;
}

/** Restore points as retention sees them, their parents being those that they are restored with. */
export function prunePoints(input: PrunePointsInput): readonly PrunePoint[] {
  const { points, marks, isOwn } = input;
  // One that the catalog does not know may be another appliance's, and is nobody's stand-in here.
  const standIns = new StandIns(
    points,
    (point) => isOwn(point) && marks.get(point.header.id)?.damage === undefined,
  );
  const inUse = withAncestors(points, input.inUse);
  return points.map((point) => ({
    id: point.header.id,
    createdAtMs: point.header.createdAtMs,
    parentId: standIns.parentIdOf(point),
    pinned: marks.get(point.header.id)?.pin !== undefined,
    own: isOwn(point),
    inUse: inUse.has(point.header.id),
    replaced: standIns.of(sealedId(point)) !== undefined,
  }));
}

/** A reader may have opened the archives that were needed before a synthetic full stood in for them. */
function withAncestors(
  points: readonly RestorePoint[],
  inUse: ReadonlySet<string>,
): ReadonlySet<string> {
  const parents = new Map(points.map(({ header }) => [header.id, header.parent?.id]));
  const all = new Set(inUse);
  // A set that grows while it is walked: down to the full.
  for (const id of all) {
    const parent = parents.get(id);
    if (parent !== undefined) all.add(parent);
  }
  return all;
}
