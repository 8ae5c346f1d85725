import {
  decideRetention,
  type KeepReason,
  type RetentionPoint,
  type RetentionPolicy,
} from './retention.ts';

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

/** "newest of week 2026-W47"; for people. */
export function describeKeepReason(reason: KeepReason): string {
  switch (reason.rule) {
    case 'last':
      return 'one of the last';
    case 'minimum':
      return 'never fewer than this';
    case 'pinned':
      return 'pinned';
    case 'needed':
      return 'a kept one builds on it';
    case 'hourly':
    case 'daily':
    case 'weekly':
    case 'monthly':
    case 'yearly':
      return `newest of ${periodWords[reason.rule]} ${reason.period}`;
    default:
      return reason satisfies never;
  }
}

const periodWords = {
  hourly: 'the hour',
  daily: 'the day',
  weekly: 'the week',
  monthly: 'the month',
  yearly: 'the year',
} as const;
