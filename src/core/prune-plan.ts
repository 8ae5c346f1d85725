/**
 * Which restore points of one VM in one repository may go, and in which order. Pure: deciding is
 * all that happens here. Where anything is in doubt a point stays.
 */
import { describeKeepReason } from './keep-reasons.ts';
import {
  decideRetention,
  keepParents,
  sortNewestFirst,
  type KeepReason,
  type RetentionPoint,
  type RetentionPolicy,
} from './retention.ts';

export interface PrunePoint extends RetentionPoint {
  /** Made by the job whose policy decides; what others made is not the policy's business. */
  readonly own: boolean;
  /** A restore or verification has it open. */
  readonly inUse: boolean;
  /** A synthetic full holds the same disks and stands in for it: no rule needs this one. */
  readonly replaced?: boolean;
}

export type PruneReason =
  | KeepReason
  | { readonly rule: 'not-own' }
  | { readonly rule: 'in-use' }
  /** Its chain lacks the restore point `missing`. */
  | { readonly rule: 'broken'; readonly missing: string };

export interface PruneVerdict {
  readonly id: string;
  readonly keep: boolean;
  /** Every reason that applies; empty for a point that goes. */
  readonly reasons: readonly PruneReason[];
}

export interface PrunePlan {
  /** On every point, newest first. */
  readonly verdicts: readonly PruneVerdict[];
  /**
   * What goes, each before what it builds on: wherever a deletion stops, no chain has a hole.
   */
  readonly remove: readonly string[];
}

/**
 * `points`: everything that lies in the VM's folders, not only what the catalog knows. A point
 * whose chain is broken cannot be restored: it does not count for the policy, so that it never
 * stands in for a good one, and it stays for a person to look at.
 */
export function planPrune(points: readonly PrunePoint[], policy: RetentionPolicy): PrunePlan {
  const newestFirst = sortNewestFirst(points);
  const chains = followChains(newestFirst);
  const reasons = new Map<string, PruneReason[]>(newestFirst.map(({ id }) => [id, []]));
  for (const point of newestFirst) {
    const list = reasons.get(point.id)!;
    const { missing } = chains.get(point.id)!;
    if (missing !== undefined) list.push({ rule: 'broken', missing });
    if (point.inUse) list.push({ rule: 'in-use' });
    if (!point.own) list.push({ rule: 'not-own' });
    if (point.pinned && (!point.own || point.replaced === true)) list.push({ rule: 'pinned' });
  }
  const decided = newestFirst.filter(
    (point) => point.own && point.replaced !== true && chains.get(point.id)!.missing === undefined,
  );
  for (const verdict of decideRetention(decided, policy))
    reasons.get(verdict.id)!.push(...verdict.reasons.filter(({ rule }) => rule !== 'needed'));
  keepParents(newestFirst, reasons);
  const verdicts = newestFirst.map(({ id }): PruneVerdict => {
    const list = reasons.get(id)!;
    return { id, keep: list.length > 0, reasons: list };
  });
  const going = verdicts.filter(({ keep }) => !keep).map(({ id }) => id);
  // Stable: among equally deep ones the newest goes first.
  const remove = going.toSorted((a, b) => chains.get(b)!.depth - chains.get(a)!.depth);
  return { verdicts, remove };
}

export interface ChainFacts {
  /** Restore points that it builds on. */
  readonly depth: number;
  /** Id of a parent that is not there, or of a point that builds on itself. */
  readonly missing?: string;
}

/** Of each point, by id. */
export function followChains(
  points: readonly Pick<PrunePoint, 'id' | 'parentId'>[],
): ReadonlyMap<string, ChainFacts> {
  const parents = new Map(points.map(({ id, parentId }) => [id, parentId]));
  const follow = (id: string): ChainFacts => {
    const seen = new Set([id]);
    let at = parents.get(id)!;
    while (at !== null && parents.has(at) && !seen.has(at)) {
      seen.add(at);
      at = parents.get(at)!;
    }
    const depth = seen.size - 1;
    return at === null ? { depth } : { depth, missing: at };
  };
  return new Map(points.map(({ id }) => [id, follow(id)]));
}

/** "newest of the day 2026-11-22"; for people. */
export function describePruneReason(reason: PruneReason): string {
  if (reason.rule === 'not-own') return 'another job or a person made it';
  if (reason.rule === 'in-use') return 'a restore or verification is reading it';
  if (reason.rule === 'broken') return `its chain lacks restore point ${reason.missing}`;
  return describeKeepReason(reason);
}
