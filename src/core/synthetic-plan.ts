/**
 * Which restore point of a chain a synthetic full is made of, and when. Pure; making it is the
 * mover's work, and removing what it replaces is retention's.
 */
import { followChains, planPrune, type PrunePoint } from './prune-plan.ts';
import { sortNewestFirst, type RetentionPolicy } from './retention.ts';

export interface SyntheticPlan {
  /** Id of the restore point whose disks the synthetic full will hold. */
  readonly target: string;
  /** For people. */
  readonly reason: string;
}

/**
 * Undefined until the newest chain has `maxIncrementals` incrementals on its full. Then it is the
 * oldest one that a rule keeps, so that all before it goes at once; where that would be too few to be
 * worth a full's writing, the newest one, so that a new chain begins and the old one ages away.
 */
export function planSynthetic(
  points: readonly PrunePoint[],
  policy: RetentionPolicy,
  maxIncrementals: number,
): SyntheticPlan | undefined {
  if (maxIncrementals < 1) return undefined;
  const chains = followChains(points);
  const sound = points.filter(
    ({ id, own, replaced }) => own && replaced !== true && chains.get(id)?.missing === undefined,
  );
  const [newest] = sortNewestFirst(sound);
  if (newest === undefined) return undefined;
  const chain = chainOf(points, newest);
  const incrementals = chain.length - 1;
  if (incrementals < maxIncrementals) return undefined;
  const kept = keptForThemselves(points, policy);
  const oldest = chain.findIndex(({ id }) => kept.has(id));
  const enough = Math.ceil(maxIncrementals / 4);
  // A chain that has grown on, as no full could be made, must not stay too long either.
  const isWorthwhile =
    oldest >= enough && incrementals - oldest < maxIncrementals && chain[oldest]?.own === true;
  const target = isWorthwhile ? chain[oldest]! : newest;
  const why = `the chain has ${incrementals} incrementals, as many as the job allows`;
  return {
    target: target.id,
    reason: isWorthwhile
      ? `${why}, and no rule keeps the ${oldest} oldest of its restore points`
      : why,
  };
}

/** Oldest first. */
function chainOf(points: readonly PrunePoint[], newest: PrunePoint): readonly PrunePoint[] {
  const byId = new Map(points.map((point) => [point.id, point]));
  const chain: PrunePoint[] = [];
  for (let at: PrunePoint | undefined = newest; at !== undefined;) {
    chain.unshift(at);
    at = at.parentId === null ? undefined : byId.get(at.parentId);
  }
  return chain;
}

/** Ids of points that stay for another reason than that something builds on them. */
function keptForThemselves(
  points: readonly PrunePoint[],
  policy: RetentionPolicy,
): ReadonlySet<string> {
  const { verdicts } = planPrune(points, policy);
  return new Set(
    verdicts
      .filter(({ reasons }) => reasons.some(({ rule }) => rule !== 'needed'))
      .map(({ id }) => id),
  );
}
