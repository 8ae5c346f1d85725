import type { KeepReason } from './retention.ts';

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
