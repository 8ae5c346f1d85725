import { ColdframeError } from '#core/error.ts';
import type { JournalEntry } from '#core/journal.ts';

import type { JournalPort } from './ports.ts';

/**
 * Throws 'busy' while the entry's task may still have disks open: removing a snapshot or a VM from
 * under an attached disk leaves what nobody can repair.
 */
export async function requireLetGo(
  journal: JournalPort,
  entry: JournalEntry,
  what: string,
): Promise<void> {
  const holder = (await journal.open()).find(
    ({ kind, taskId }) => taskId === entry.taskId && (kind === 'attach' || kind === 'vddk-access'),
  );
  if (holder !== undefined)
    throw new ColdframeError(
      'busy',
      `${what} stays until its disks are let go of (journal entry ${holder.id}).`,
    );
}
