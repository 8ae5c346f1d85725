import { ColdframeError } from '#core/error.ts';
import type { JournalEntryOf } from '#core/journal.ts';

import type { UndoOptions, UndoTools } from './undo-tools.ts';

/**
 * What was overwritten cannot be brought back: the entry stays open, and with it the warning,
 * until a restore of the VM succeeds or the VM is gone.
 */
export async function undoInPlaceRestore(
  entry: JournalEntryOf<'in-place-restore'>,
  { context, sources }: UndoTools,
  { signal }: UndoOptions,
): Promise<void> {
  const { vmMoref, restorePointId } = entry.detail;
  await using connection = await context.vsphere.connect(
    await sources.endpoint(entry.endpointId),
    signal,
  );
  if ((await connection.findVm({ moref: vmMoref }, signal)) === undefined) return;
  const { identity } = await connection.getVm(vmMoref, signal);
  throw new ColdframeError(
    'not-eligible',
    `The restore of ${identity.name} from restore point ${restorePointId} did not finish: its disks ` +
      'are a mix of old and restored data. Restore it again, and do not power it on before.',
  );
}

/** Powers the VM on again if that was asked for and its disks are whole. */
export async function undoPowerOff(
  entry: JournalEntryOf<'power-off'>,
  { context, sources }: UndoTools,
  { signal }: UndoOptions,
): Promise<void> {
  const { vmMoref, powerOnAgain } = entry.detail;
  if (!powerOnAgain) return;
  await using connection = await context.vsphere.connect(
    await sources.endpoint(entry.endpointId),
    signal,
  );
  if ((await connection.findVm({ moref: vmMoref }, signal)) === undefined) return;
  const unfinished = (await context.journal.open()).find(
    (other) => other.kind === 'in-place-restore' && other.detail.vmMoref === vmMoref,
  );
  if (unfinished !== undefined)
    throw new ColdframeError(
      'not-eligible',
      `The VM stays powered off until its restore has been repeated (journal entry ${unfinished.id}).`,
    );
  const { powerState } = await connection.getVm(vmMoref, signal);
  if (powerState === 'poweredOff') await connection.powerOn(vmMoref, signal);
}
