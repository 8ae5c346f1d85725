import { ColdframeError } from '#core/error.ts';
import type { JournalEntry } from '#core/journal.ts';

import type { EngineContext } from './ports.ts';
import { undoAttach } from './undo-attach.ts';
import { undoCreatedVm } from './undo-created-vm.ts';
import { undoInPlaceRestore, undoPowerOff } from './undo-in-place.ts';
import { undoPartialArchive } from './undo-partial-archive.ts';
import { undoSnapshot } from './undo-snapshot.ts';
import type { UndoOptions, UndoTools } from './undo-tools.ts';
import { undoVddkAccess } from './undo-vddk-access.ts';

/**
 * Undoes one entry and marks it so. Looks for the effect first, so that repeating it is harmless
 * and nothing without our marker is touched. Throws with the reason, which is kept in the
 * journal, when it cannot be undone now.
 */
export async function undo(
  entry: JournalEntry,
  tools: UndoTools,
  options: UndoOptions,
): Promise<void> {
  const { journal } = tools.context;
  try {
    await undoByKind(entry, tools, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await journal.mark(entry.id, await stateOf(entry, tools.context), reason);
    throw error;
  }
  await journal.mark(entry.id, 'undone');
}

function undoByKind(entry: JournalEntry, tools: UndoTools, options: UndoOptions): Promise<void> {
  switch (entry.kind) {
    case 'snapshot':
    case 'restore-snapshot':
      return undoSnapshot(entry, tools, options);
    case 'attach':
      return undoAttach(entry, tools, options);
    case 'vddk-access':
    case 'disable-migration':
      return undoVddkAccess(entry, tools, options);
    case 'created-vm':
      return undoCreatedVm(entry, tools, options);
    case 'in-place-restore':
      return undoInPlaceRestore(entry, tools, options);
    case 'power-off':
      return undoPowerOff(entry, tools, options);
    case 'partial-archive':
      return undoPartialArchive(entry, tools, options);
    case 'mount':
    case 'export':
      throw new ColdframeError(
        'internal',
        `The journal entry "${entry.kind}" was made by another version of coldframe. Use that version to undo it.`,
      );
    default:
      return entry satisfies never;
  }
}

/** The entry's state now; the caller's copy may be older. */
async function stateOf(
  entry: JournalEntry,
  { journal }: EngineContext,
): Promise<'intended' | 'done'> {
  const open = await journal.open();
  return open.find(({ id }) => id === entry.id)?.state === 'intended' ? 'intended' : 'done';
}
