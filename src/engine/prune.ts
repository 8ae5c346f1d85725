import { describePruneReason, planPrune, type PruneVerdict } from '#core/prune-plan.ts';
import { toErrorRecord, type ErrorRecord } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { RetentionPolicy } from '#core/retention.ts';

import { deleteArchives } from './delete-archives.ts';
import { prunePoints } from './prune-points.ts';
import type { PruneContext } from './prune-ports.ts';
import { holdVmArchives, type VmInRepository } from './vm-archives.ts';

export interface PruneRequest extends VmInRepository {
  readonly policy: RetentionPolicy;
  /** Whether the policy is about this restore point; others stay, with all that they build on. */
  readonly isOwn: (point: RestorePoint) => boolean;
  /** Ids of restore points that are being read right now. */
  readonly inUse: () => ReadonlySet<string>;
}

export interface PruneOutcome {
  /** In the order in which they went. */
  readonly removed: readonly RestorePoint[];
  /** On every restore point that was there, newest first. */
  readonly verdicts: readonly PruneVerdict[];
  /** Why not all that may go went; what is left goes next time. */
  readonly stopped?: ErrorRecord;
}

/**
 * Carries a policy out for one VM in one repository. Throws, having removed nothing, when the
 * archives cannot be listed whole or differ from what the catalog knows.
 */
export async function prune(
  context: PruneContext,
  request: PruneRequest,
  signal: AbortSignal,
): Promise<PruneOutcome> {
  await using archives = await holdVmArchives(context, request, signal);
  const { points, known, marks } = archives;
  const { verdicts, remove } = planPrune(
    prunePoints({
      points,
      marks,
      isOwn: (point) => known.has(point.header.id) && request.isOwn(point),
      inUse: request.inUse(),
    }),
    request.policy,
  );
  const byId = new Map(points.map((point) => [point.header.id, point]));
  const going = new Set(remove);
  const spared = [...marks].filter(([id, { removing }]) => removing === true && !going.has(id));
  if (spared.length > 0)
    await context.catalog.setRemoving(
      spared.map(([id]) => id),
      false,
    );
  const removed: RestorePoint[] = [];
  const deletion = {
    repository: request.repository,
    points: remove.map((id) => byId.get(id)!),
    inUse: request.inUse,
    onDeleted: (point: RestorePoint) => {
      removed.push(point);
      const time = new Date(point.header.createdAtMs).toISOString();
      context.log.info(`Removed the restore point of ${time}: no rule keeps it.`, {
        id: point.header.id,
        path: point.path,
      });
    },
  };
  if (remove.length === 0) return { removed, verdicts };
  try {
    await deleteArchives(context, deletion, signal);
    return { removed, verdicts };
  } catch (error) {
    return { removed, verdicts, stopped: toErrorRecord(error) };
  }
}

/** How many points each reason keeps, for a report: {"newest of the day": 7, ...} by rule. */
export function countKeepReasons(verdicts: readonly PruneVerdict[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule } of verdicts.flatMap(({ reasons }) => reasons))
    counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}

/** "pinned; newest of the day 2026-11-22", for people. */
export function keepReasonsText({ reasons }: PruneVerdict): string {
  return reasons.length === 0 ? 'no rule keeps it' : reasons.map(describePruneReason).join('; ');
}
