import type { JournalKind } from '#core/journal.ts';

const minute = 60_000;

/** Deadline of one undo. Merging a snapshot's disk may take many hours and must not be given up early. */
export function undoLimitMs(kind: JournalKind): number {
  switch (kind) {
    case 'snapshot':
    case 'restore-snapshot':
      return 48 * 60 * minute;
    case 'created-vm':
    case 'attach':
    case 'vddk-access':
    case 'disable-migration':
      return 15 * minute;
    case 'power-off':
    case 'in-place-restore':
    case 'partial-archive':
    case 'mount':
    case 'export':
      return 5 * minute;
    default:
      return kind satisfies never;
  }
}
