import type { JournalEntryOf } from '#core/journal.ts';

import { lookForEffect } from './look-for-effect.ts';
import { requireLetGo } from './require-let-go.ts';
import type { UndoOptions, UndoTools } from './undo-tools.ts';

/** Destroys the VM that a restore made and did not finish, or leaves it where it was told to; only one that carries our marker. */
export async function undoCreatedVm(
  entry: JournalEntryOf<'created-vm'>,
  { context, sources }: UndoTools,
  { signal, uncertain }: UndoOptions,
): Promise<void> {
  await requireLetGo(context.journal, entry, `The unfinished VM "${entry.detail.name}"`);
  await using connection = await context.vsphere.connect(
    await sources.endpoint(entry.endpointId),
    signal,
  );
  const made = await lookForEffect(context, {
    signal,
    uncertain,
    settled: () => connection.settled({ folderPath: entry.detail.folderPath }, signal),
    look: () => connection.findMarkedVms(entry.marker, signal),
  });
  if (entry.detail.keep === true && made.length > 0) {
    context.log.warn(
      `The unfinished VM "${entry.detail.name}" is kept, as its restore was told to; its disks are not complete`,
    );
    return;
  }
  for (const vm of made) {
    context.log.info(`Destroying the unfinished VM "${entry.detail.name}"`);
    await connection.destroyVm(vm, signal);
  }
}
