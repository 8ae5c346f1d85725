import { ColdframeError } from '#core/error.ts';
import type { JournalEntry, JournalEntryOf } from '#core/journal.ts';
import type { SnapshotNode } from '#core/vm.ts';

import { lookForEffect } from './look-for-effect.ts';
import type { VsphereConnection } from './ports.ts';
import type { UndoOptions, UndoTools } from './undo-tools.ts';

/**
 * Removes our snapshot, found by the marker in its description, once nothing of the task holds
 * its disks any more, and consolidates what the removal left.
 */
export async function undoSnapshot(
  entry: JournalEntryOf<'snapshot'> | JournalEntryOf<'restore-snapshot'>,
  { context, sources }: UndoTools,
  { signal, uncertain }: UndoOptions,
): Promise<void> {
  const { journal, log, vsphere } = context;
  const holder = (await journal.open()).find(
    (other) => other.taskId === entry.taskId && holdsDisks(other),
  );
  if (holder !== undefined)
    throw new ColdframeError(
      'busy',
      `The snapshot "${entry.detail.snapshotName}" stays until its disks are let go of (journal entry ${holder.id}).`,
    );
  await using connection = await vsphere.connect(await sources.endpoint(entry.endpointId), signal);
  const { vmMoref } = entry.detail;
  if ((await connection.findVm({ moref: vmMoref }, signal)) === undefined) return;
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

function holdsDisks(entry: JournalEntry): boolean {
  return entry.kind === 'attach' || entry.kind === 'vddk-access';
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
