import {
  decideRetention,
  retentionDecider,
  type KeepReason,
  type RetentionPoint,
  type RetentionPolicy,
} from './retention.ts';
import type { FullsFrom } from './job.ts';
import { planSynthetic } from './synthetic-plan.ts';

export interface SimulationInput {
  readonly policy: RetentionPolicy;
  /** What is there now. */
  readonly points: readonly RetentionPoint[];
  /** Times of the coming runs, epoch ms, rising. */
  readonly times: readonly number[];
  /** Most incrementals on one full. */
  readonly maxChainLength: number;
  /** Default: active. */
  readonly fulls?: FullsFrom | undefined;
}

export interface SimulatedPoint {
  /** "coming-1", "coming-2", ... for points that are not there yet; "coming-2-full" for a synthetic full made then. */
  readonly id: string;
  readonly createdAtMs: number;
  readonly coming: boolean;
  /** The run after which prune removes it; absent: it is there at the end. */
  readonly goneAtMs?: number;
}

export interface Simulation {
  /** By time. */
  readonly points: readonly SimulatedPoint[];
  /** Restore points that are there after each run. */
  readonly counts: readonly { readonly atMs: number; readonly points: number }[];
}

/** Lives through the coming runs, each followed by a prune, as the jobs will. */
export function simulateRetention(input: SimulationInput): Simulation {
  const steps = simulationSteps(input);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** The same run by run, for callers that have other things to do meanwhile: years take seconds. */
export function* simulationSteps(input: SimulationInput): Generator<void, Simulation> {
  const decide = retentionDecider(input.policy);
  const goneAtMs = new Map<string, number>();
  const all = input.points.toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  const madeBefore = all.length;
  let there = [...all];
  let onFull = lengthOfNewestChain(there);
  const isSynthetic = input.fulls === 'synthetic' && input.maxChainLength > 0;
  const counts: { atMs: number; points: number }[] = [];
  for (const [i, atMs] of input.times.entries()) {
    const last = there.at(-1);
    // A synthetic full takes the place of the next active one.
    const builds =
      last !== undefined && (onFull < input.maxChainLength || (isSynthetic && onFull > 0));
    onFull = builds ? onFull + 1 : 0;
    const point: RetentionPoint = {
      id: `coming-${i + 1}`,
      createdAtMs: atMs,
      parentId: builds ? last.id : null,
      pinned: false,
    };
    all.push(point);
    there.push(point);
    if (isSynthetic && onFull >= input.maxChainLength) {
      const made = renewChain(there, { ...input, id: `${point.id}-full` });
      if (made !== undefined) {
        all.push(made.full);
        goneAtMs.set(made.replaced, atMs);
        there = made.there;
        onFull = lengthOfNewestChain(there);
      }
    }
    const kept = new Set(
      decide(there)
        .filter(({ keep }) => keep)
        .map(({ id }) => id),
    );
    for (const { id } of there) if (!kept.has(id)) goneAtMs.set(id, atMs);
    there = there.filter(({ id }) => kept.has(id));
    counts.push({ atMs, points: there.length });
    yield;
  }
  const points = all.map(({ id, createdAtMs }, i) => {
    const gone = goneAtMs.get(id);
    const coming = i >= madeBefore;
    return { id, createdAtMs, coming, ...(gone === undefined ? {} : { goneAtMs: gone }) };
  });
  return { counts, points: points.toSorted((a, b) => a.createdAtMs - b.createdAtMs) };
}

/** A synthetic full in the place of the restore point that it is made of, which goes unless it is pinned. */
function renewChain(
  oldestFirst: readonly RetentionPoint[],
  {
    policy,
    maxChainLength,
    id,
  }: Pick<SimulationInput, 'policy' | 'maxChainLength'> & { readonly id: string },
):
  | { readonly there: RetentionPoint[]; readonly full: RetentionPoint; readonly replaced: string }
  | undefined {
  const points = oldestFirst.map((point) => ({ ...point, own: true, inUse: false }));
  const target = planSynthetic(points, policy, maxChainLength)?.target;
  const replaced = oldestFirst.find((point) => point.id === target);
  if (replaced === undefined || replaced.pinned) return undefined;
  const full = { ...replaced, id, parentId: null };
  const there = oldestFirst.map((point) =>
    point === replaced ? full : point.parentId === target ? { ...point, parentId: id } : point,
  );
  return { there, full, replaced: replaced.id };
}

/** Incrementals on the full that the newest point builds on. */
function lengthOfNewestChain(oldestFirst: readonly RetentionPoint[]): number {
  const byId = new Map(oldestFirst.map((point) => [point.id, point]));
  let length = 0;
  for (let at = oldestFirst.at(-1); at !== undefined && at.parentId !== null; length++)
    at = length > oldestFirst.length ? undefined : byId.get(at.parentId);
  return length;
}

export interface RetentionPreview {
  /** Points that a rule keeps, newest first. */
  readonly kept: readonly {
    readonly createdAtMs: number;
    readonly reasons: readonly KeepReason[];
  }[];
  /** Further points that stay because kept ones build on them. */
  readonly neededOnly: number;
  readonly total: number;
}

/**
 * What is left when points made at `times` (epoch ms, rising) have been thinned out by the policy
 * all along: the same as thinning them out once at the end, since a rule never takes back a
 * point that it let go. Each chain is one full and `maxChainLength` incrementals.
 */
export function previewRetention(options: {
  readonly policy: RetentionPolicy;
  readonly times: readonly number[];
  readonly maxChainLength: number;
}): RetentionPreview {
  const { policy, times, maxChainLength } = options;
  const points = times.map((createdAtMs, i): RetentionPoint => ({
    id: String(i).padStart(9, '0'),
    createdAtMs,
    parentId: i % (maxChainLength + 1) === 0 ? null : String(i - 1).padStart(9, '0'),
    pinned: false,
  }));
  const kept = decideRetention(points, policy).filter(({ keep }) => keep);
  const ruled = kept.filter(({ reasons }) => reasons.some(({ rule }) => rule !== 'needed'));
  return {
    kept: ruled.map(({ id, reasons }) => ({
      createdAtMs: times[Number(id)]!,
      reasons: reasons.filter(({ rule }) => rule !== 'needed'),
    })),
    neededOnly: kept.length - ruled.length,
    total: times.length,
  };
}
