import { ColdframeError } from '#core/error.ts';
import type { JournalEntryOf } from '#core/journal.ts';

import type { UndoOptions, UndoTools } from './undo-tools.ts';

/**
 * Removes the unfinished file. Where the mover had already committed the archive and nobody
 * lived to write that down, the restore point goes into the catalog instead.
 */
export async function undoPartialArchive(
  entry: JournalEntryOf<'partial-archive'>,
  { context, sources }: UndoTools,
  { signal }: UndoOptions,
): Promise<void> {
  const repository = await sources.repository(entry.detail.repositoryId);
  const { path } = entry.detail;
  await context.repositories.check(repository, signal);
  await context.repositories.removePartial(repository, path);
  try {
    const point = await context.repositories.read(repository, path, signal);
    if (point.header.taskId !== entry.taskId) return;
    await context.catalog.addRestorePoint(point);
    context.log.info(`Restore point ${point.header.id} was complete and is listed`);
  } catch (error) {
    if (!(error instanceof ColdframeError)) throw error;
    if (error.code === 'not-found') return;
    // A file with the final name was sealed once; what is wrong with it now is for verify to say.
    if (error.code !== 'archive-damaged') throw error;
    context.log.error(`${path} was committed and cannot be read: ${error.message}`);
  }
}
