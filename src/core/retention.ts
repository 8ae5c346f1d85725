/**
 * Which restore points a policy keeps, and why. Pure: the same list and policy always give
 * the same answer; nothing here deletes. A point that a kept one builds on is kept too.
 */

export interface RetentionPolicy {
  /** The newest N, whenever they were made. */
  readonly last?: number;
  /** The newest point of each of the newest N hours, days, weeks, months or years that have one. */
  readonly hourly?: number;
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
  readonly yearly?: number;
  /** Never fewer than this many points, whatever else is said; at least 1. */
  readonly minimum?: number;
  /** Where days begin, an IANA name. */
  readonly timeZone: string;
}

export interface RetentionPoint {
  readonly id: string;
  readonly createdAtMs: number;
  readonly parentId: string | null;
  readonly pinned: boolean;
}

export type KeepReason =
  | { readonly rule: 'last' | 'minimum' | 'pinned' }
  | { readonly rule: PeriodRule; readonly period: string }
  | { readonly rule: 'needed'; readonly by: string };

export interface RetentionVerdict {
  readonly id: string;
  readonly keep: boolean;
  /** Every reason that applies; empty for a point that goes. */
  readonly reasons: readonly KeepReason[];
}

const periodRules = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
type PeriodRule = (typeof periodRules)[number];

type Decide = (points: readonly RetentionPoint[]) => readonly RetentionVerdict[];

/** A verdict for each point, newest first. */
export function decideRetention(
  points: readonly RetentionPoint[],
  policy: RetentionPolicy,
): readonly RetentionVerdict[] {
  return retentionDecider(policy)(points);
}

/** For deciding again and again by one policy: remembers which periods a moment lies in. */
export function retentionDecider(policy: RetentionPolicy): Decide {
  const periodsOf = periodNamer(policy.timeZone);
  return (points) => {
    const newestFirst = sortNewestFirst(points);
    const reasons = new Map<string, KeepReason[]>(newestFirst.map((p) => [p.id, []]));
    const keep = (point: RetentionPoint, reason: KeepReason): void => {
      reasons.get(point.id)!.push(reason);
    };

    for (const point of newestFirst) if (point.pinned) keep(point, { rule: 'pinned' });
    for (const point of newestFirst.slice(0, policy.last ?? 0)) keep(point, { rule: 'last' });
    for (const rule of periodRules) {
      const periodOf = (p: RetentionPoint): string => periodsOf(p.createdAtMs)[rule];
      for (const { point, period } of newestOfPeriods(newestFirst, policy[rule] ?? 0, periodOf))
        keep(point, { rule, period });
    }
    const floor = Math.max(1, policy.minimum ?? 1);
    for (const point of newestFirst.slice(0, floor)) {
      if (reasons.get(point.id)!.length === 0) keep(point, { rule: 'minimum' });
    }
    keepParents(newestFirst, reasons);
    return newestFirst.map((p) => {
      const list = reasons.get(p.id)!;
      return { id: p.id, keep: list.length > 0, reasons: list };
    });
  };
}

/** Ids settle equal times. */
export function sortNewestFirst<P extends Pick<RetentionPoint, 'id' | 'createdAtMs'>>(
  points: readonly P[],
): P[] {
  return [...points].sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
}

/** The newest point of each of the newest `count` periods that have one. */
function* newestOfPeriods(
  newestFirst: readonly RetentionPoint[],
  count: number,
  periodOf: (point: RetentionPoint) => string,
): Generator<{ point: RetentionPoint; period: string }> {
  const seen = new Set<string>();
  for (const point of newestFirst) {
    if (seen.size >= count) return;
    const period = periodOf(point);
    if (seen.has(period)) continue;
    seen.add(period);
    yield { point, period };
  }
}

/**
 * Adds to `reasons` that what a kept point builds on is needed, down to the full. Follows the
 * parents and not the times: a clock that was set back makes children older than their parents.
 */
export function keepParents<R>(
  points: readonly Pick<RetentionPoint, 'id' | 'parentId'>[],
  reasons: Map<string, (R | { readonly rule: 'needed'; readonly by: string })[]>,
): void {
  const parents = new Map(points.map(({ id, parentId }) => [id, parentId]));
  const kept = points.map(({ id }) => id).filter((id) => reasons.get(id)!.length > 0);
  for (const id of kept) {
    const parentId = parents.get(id) ?? null;
    const ofParent = parentId === null ? undefined : reasons.get(parentId);
    if (parentId === null || ofParent === undefined) continue;
    // Appended while it is walked: one that is kept only now keeps its own parent in turn.
    if (ofParent.length === 0) kept.push(parentId);
    ofParent.push({ rule: 'needed', by: id });
  }
}

/** Names of the periods that a moment lies in: 2026-11-22T19, 2026-11-22, 2026-W47, 2026-11, 2026. */
function periodNamer(timeZone: string): (epochMs: number) => Readonly<Record<PeriodRule, string>> {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    timeZoneName: 'longOffset',
  });
  const named = new Map<number, Readonly<Record<PeriodRule, string>>>();
  const nameOf = (epochMs: number): Readonly<Record<PeriodRule, string>> => {
    const parts = Object.fromEntries(format.formatToParts(epochMs).map((p) => [p.type, p.value]));
    const { year = '', month = '', day = '', hour = '', timeZoneName = '' } = parts;
    const date = `${year}-${month}-${day}`;
    return {
      // The offset keeps the two hours apart that share a name when summer time ends.
      hourly: `${date}T${hour}${timeZoneName.slice(3)}`,
      daily: date,
      weekly: isoWeek(Number(year), Number(month), Number(day)),
      monthly: `${year}-${month}`,
      yearly: year,
    };
  };
  return (epochMs) => {
    let names = named.get(epochMs);
    if (names === undefined) named.set(epochMs, (names = nameOf(epochMs)));
    return names;
  };
}

/** ISO 8601 week: the one that holds the week's Thursday. */
function isoWeek(year: number, month: number, day: number): string {
  const dayMs = 86_400_000;
  const date = Date.UTC(year, month - 1, day);
  const weekday = (new Date(date).getUTCDay() + 6) % 7;
  const thursday = new Date(date + (3 - weekday) * dayMs);
  const firstOfYear = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const week = 1 + Math.floor((thursday.getTime() - firstOfYear) / dayMs / 7);
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}
