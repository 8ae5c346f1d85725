import { ColdframeError } from '#core/error.ts';
import type { JournalEntryOf } from '#core/journal.ts';
import type { SnapshotNode } from '#core/vm.ts';

import { lookForEffect } from './look-for-effect.ts';
import type { VsphereConnection } from './ports.ts';
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
      flatten(await connection.findSnapshots(vmMoref, signal)).filter(({ description }) =>
        description.includes(entry.marker),
      ),
  });
  for (const snapshot of ours) {
    log.info(`Removing snapshot "${snapshot.name}"`);
    await connection.removeSnapshot(snapshot.moref, { signal });
  }
  await consolidateIfNeeded(connection, vmMoref, signal);
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

async function consolidateIfNeeded(
  connection: VsphereConnection,
  vmMoref: string,
  signal: AbortSignal,
): Promise<void> {
  if (!(await connection.getVm(vmMoref, signal)).consolidationNeeded) return;
  await connection.consolidate(vmMoref, { signal });
  const { consolidationNeeded, identity } = await connection.getVm(vmMoref, signal);
  if (consolidationNeeded)
    throw new ColdframeError(
      'vsphere-fault',
      `The disks of ${identity.name} still need consolidation. Look for what holds its files, then consolidate it in the vSphere Client.`,
    );
}

function flatten(nodes: readonly SnapshotNode[]): readonly SnapshotNode[] {
  return nodes.flatMap((node) => [node, ...flatten(node.children)]);
}
