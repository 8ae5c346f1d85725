import { ColdframeError } from '#core/error.ts';
import type { JournalEntryOf } from '#core/journal.ts';

import { disksOfEntry } from './disks-of-entry.ts';
import { lookForEffect } from './look-for-effect.ts';
import type { UndoOptions, UndoTools } from './undo-tools.ts';

/** Lets go of attached disks: the device in the guest first, then the disk on our own VM. */
export async function undoAttach(
  entry: JournalEntryOf<'attach'>,
  { context, sources }: UndoTools,
  { signal, uncertain }: UndoOptions,
): Promise<void> {
  const { applianceMoref } = entry.detail;
  await using connection = await context.vsphere.connect(
    await sources.endpoint(entry.endpointId),
    signal,
  );
  const ours = async () => {
    const attached = await connection.listAttached(applianceMoref, signal);
    return disksOfEntry(entry, { attached, open: await context.journal.open() });
  };
  const attached = await lookForEffect(context, {
    signal,
    uncertain,
    look: ours,
    settled: () => connection.settled({ vmMoref: applianceMoref }, signal),
  });
  if (attached.length === 0) return;
  for (const disk of attached) await releaseDevice(disk);
  await connection.detachDisks(
    applianceMoref,
    attached.map(({ key }) => key),
    signal,
  );
  const left = await ours();
  if (left.length > 0)
    throw new ColdframeError(
      'vsphere-fault',
      `Still attached to the appliance: ${left.map(({ fileName }) => fileName).join(', ')}. ` +
        'Detach them in the vSphere Client without deleting files.',
    );

  /** A guest that does not let go in order must not keep the disk attached for ever. */
  async function releaseDevice(disk: (typeof attached)[number]): Promise<void> {
    try {
      await context.devices.release(disk, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      context.log.warn(`Detaching ${disk.fileName} although the guest has not let go of it`, {
        error: String(error),
      });
    }
  }
}
