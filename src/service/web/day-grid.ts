import type { RestorePoint } from '#core/restore-point.ts';

import type { RestorePointStore } from '../ports.ts';
import type { VmRow } from './vm-rows.ts';

export interface DaysOfVm {
  readonly row: VmRow;
  /** Oldest first, the last one is today (UTC). */
  readonly days: readonly { readonly made: number; readonly warned: boolean }[];
}

export const dayMs = 86_400_000;
const shownDays = 7;
const shownVms = 15;

const urgency = { late: 0, protected: 1, unprotected: 2 } as const;

/** The VMs that are worth a look first; those that never had a restore point are listed elsewhere. */
export async function recentDays(
  rows: readonly VmRow[],
  points: Pick<RestorePointStore, 'getRestorePoint'>,
  nowMs: number,
): Promise<readonly DaysOfVm[]> {
  const shown = rows
    .filter((row) => row.points.length > 0)
    .toSorted((a, b) => urgency[a.protection.level] - urgency[b.protection.level])
    .slice(0, shownVms);
  const today = Math.floor(nowMs / dayMs);
  return Promise.all(
    shown.map(async (row) => {
      const recent = row.points.filter(
        ({ createdAtMs }) => createdAtMs >= (today - shownDays + 1) * dayMs,
      );
      const warned = warnedOf(
        // A VM that is backed up every few minutes: the newest of them say enough.
        await Promise.all(recent.slice(0, 50).map(({ id }) => points.getRestorePoint(id))),
      );
      const days = Array.from({ length: shownDays }, (_, i) => today - shownDays + 1 + i).map(
        (day) => {
          const made = recent.filter(({ createdAtMs }) => Math.floor(createdAtMs / dayMs) === day);
          return { made: made.length, warned: made.some(({ id }) => warned.has(id)) };
        },
      );
      return { row, days };
    }),
  );
}

function warnedOf(points: readonly (RestorePoint | undefined)[]): ReadonlySet<string> {
  return new Set(
    points.flatMap((point) =>
      point !== undefined && point.header.warnings.length > 0 ? [point.header.id] : [],
    ),
  );
}
