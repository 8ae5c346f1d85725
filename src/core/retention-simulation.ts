import { retentionDecider, type RetentionPoint, type RetentionPolicy } from './retention.ts';

export interface SimulationInput {
  readonly policy: RetentionPolicy;
  /** What is there now. */
  readonly points: readonly RetentionPoint[];
  /** Times of the coming runs, epoch ms, rising. */
  readonly times: readonly number[];
  /** Most incrementals on one full. */
  readonly maxChainLength: number;
}

export interface SimulatedPoint {
  /** "coming-1", "coming-2", ... for points that are not there yet. */
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
  const counts: { atMs: number; points: number }[] = [];
  for (const [i, atMs] of input.times.entries()) {
    const last = there.at(-1);
    const builds = last !== undefined && onFull < input.maxChainLength;
    onFull = builds ? onFull + 1 : 0;
    const point: RetentionPoint = {
      id: `coming-${i + 1}`,
      createdAtMs: atMs,
      parentId: builds ? last.id : null,
      pinned: false,
    };
    all.push(point);
    there.push(point);
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
  return {
    counts,
    points: all.map(({ id, createdAtMs }, i) => {
      const gone = goneAtMs.get(id);
      const coming = i >= madeBefore;
      return { id, createdAtMs, coming, ...(gone === undefined ? {} : { goneAtMs: gone }) };
    }),
  };
}

/** Incrementals on the full that the newest point builds on. */
function lengthOfNewestChain(oldestFirst: readonly RetentionPoint[]): number {
  const byId = new Map(oldestFirst.map((point) => [point.id, point]));
  let length = 0;
  for (let at = oldestFirst.at(-1); at !== undefined && at.parentId !== null; length++)
    at = length > oldestFirst.length ? undefined : byId.get(at.parentId);
  return length;
}
