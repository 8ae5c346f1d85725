import { ColdframeError } from '#core/error.ts';
import type { JournalEntryOf } from '#core/journal.ts';
import type { SnapshotNode } from '#core/vm.ts';
import { everySnapshot } from '#core/preflight-snapshots.ts';

import { consolidateIfNeeded } from './consolidate.ts';
import { lookForEffect } from './look-for-effect.ts';
import type { TaskLog, VsphereConnection } from './ports.ts';
import { requireLetGo } from './require-let-go.ts';
import type { UndoOptions, UndoTools } from './undo-tools.ts';

type SnapshotEntry = JournalEntryOf<'snapshot'> | JournalEntryOf<'restore-snapshot'>;

/** A VM that is unregistered takes its snapshots along, and brings them back. */
const mayComeBackMs = 30 * 24 * 3600 * 1000;

/**
 * Removes our snapshot, found by the marker in its description, once nothing of the task holds
 * its disks any more, and consolidates what the removal left.
 */
export async function undoSnapshot(
  entry: SnapshotEntry,
  { context, sources }: UndoTools,
  { signal, uncertain }: UndoOptions,
): Promise<void> {
  const { clock, journal, log, vsphere } = context;
  await requireLetGo(journal, entry, `The snapshot "${entry.detail.snapshotName}"`);
  await using connection = await vsphere.connect(await sources.endpoint(entry.endpointId), signal);
  const vmMoref = await findTheVm(connection, entry, signal);
  if (vmMoref === undefined) {
    const untilMs = entry.createdAtMs + mayComeBackMs;
    if (clock.now() >= untilMs) return;
    throw new ColdframeError(
      'not-found',
      `The VM ${entry.detail.vmMoref} of the snapshot "${entry.detail.snapshotName}" is not in the inventory that this endpoint's user sees. If it was removed for good there is nothing to do: the snapshot is no longer looked for from ${new Date(untilMs).toISOString()}.`,
    );
  }
  const ours = await lookForEffect(context, {
    signal,
    uncertain,
    settled: () => connection.settled({ vmMoref }, signal),
    look: async () =>
      everySnapshot(await connection.findSnapshots(vmMoref, signal)).filter(({ description }) =>
        description.includes(entry.marker),
      ),
  });
  for (const snapshot of ours) {
    if (entry.kind === 'restore-snapshot' && entry.detail.revert === true)
      await revertTo(connection, { vmMoref, snapshot }, signal);
    log.info(`Removing snapshot "${snapshot.name}"`);
    await connection.removeSnapshot(snapshot.moref, { signal, onProgress: tenths(log) });
  }
  await consolidateIfNeeded(connection, vmMoref, signal);
}

/** What is above a base that was written to does not fit it any more. */
async function revertTo(
  connection: VsphereConnection,
  { vmMoref, snapshot }: { readonly vmMoref: string; readonly snapshot: SnapshotNode },
  signal: AbortSignal,
): Promise<void> {
  const { powerState, identity } = await connection.getVm(vmMoref, signal);
  if (powerState !== 'poweredOff')
    throw new ColdframeError(
      'not-eligible',
      `${identity.name} was powered on above a snapshot whose disks were being restored. Power it off, so that the snapshot "${snapshot.name}" can be reverted and removed; then restore it again.`,
    );
  await connection.revertToSnapshot(snapshot.moref, { signal });
}

/** A merge may take hours: every tenth of it is told. */
function tenths(log: TaskLog): (percent: number) => void {
  let told = 0;
  return (percent) => {
    const tenth = Math.floor(percent / 10);
    if (tenth <= told || percent >= 100) return;
    told = tenth;
    log.info(`Removing the snapshot: ${percent} %`);
  };
}

/** By its lasting identity: a VM that was unregistered and registered again has another moref. */
async function findTheVm(
  connection: VsphereConnection,
  { detail: { vmInstanceUuid = '', vmMoref } }: SnapshotEntry,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (vmInstanceUuid !== '') {
    const query = { instanceUuid: vmInstanceUuid, morefHint: vmMoref };
    const found = await connection.findVm(query, signal);
    if (found !== undefined) return found;
  }
  return connection.findVm({ moref: vmMoref }, signal);
}
