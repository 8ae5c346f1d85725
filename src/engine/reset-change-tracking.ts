import { diskLabel } from '#core/disk-label.ts';
import { toErrorRecord } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { VmDetails } from '#core/vm.ts';

import type { Effects } from './effects.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';

export interface TrackingReset {
  readonly warnings: readonly string[];
  /** Labels of disks whose tracking is still in doubt: their new position must not be built on. */
  readonly doubted: ReadonlySet<string>;
}

export interface ResetJob {
  readonly connection: VsphereConnection;
  readonly effects: Effects;
  readonly vm: VmDetails;
  readonly taskId: string;
  /** The restore point before this one. */
  readonly last: RestorePoint | undefined;
}

/**
 * Begins change tracking anew where a disk was resized since the last restore point, or where that
 * one kept no position since its own was in doubt. Some hosts go on with a tracker that misses
 * changes after a resize, and nothing in its answers shows it. The setting takes effect with a
 * stun, so a snapshot comes and goes after each change of it. Failing costs full backups only.
 */
export async function resetChangeTracking(
  context: EngineContext,
  job: ResetJob,
  signal: AbortSignal,
): Promise<TrackingReset> {
  const { connection, effects, vm } = job;
  const doubted = doubtedDisks(vm, job.last);
  if (doubted.size === 0 || !vm.changeTrackingEnabled) return { warnings: [], doubted: new Set() };
  const names = [...doubted].join(', ');
  const failed = (why: string): TrackingReset => {
    const warning = `Changed block tracking of ${names} is in doubt and could not be reset, so these disks are read whole each time: ${why}`;
    context.log.warn(warning);
    return { warnings: [warning], doubted };
  };
  if (vm.snapshots.length > 0)
    return failed('the VM has snapshots. Remove them, and the next backup resets it.');
  const { moref } = vm.identity;
  const scope = effects.nested();
  try {
    await connection.setChangeTracking(moref, false, signal);
    await stun(scope, job, signal);
    await connection.setChangeTracking(moref, true, signal);
    await stun(scope, job, signal);
    context.log.info(`Changed block tracking was reset, because of ${names}`);
    return { warnings: [], doubted: new Set() };
  } catch (error) {
    await scope.undoAll();
    signal.throwIfAborted();
    return failed(toErrorRecord(error).message);
  } finally {
    effects.adopt(scope);
  }
}

async function stun(
  scope: Effects,
  { connection, vm, taskId }: ResetJob,
  signal: AbortSignal,
): Promise<void> {
  const vmMoref = vm.identity.moref;
  const name = `coldframe ${taskId}`;
  await scope.make('snapshot', { vmMoref, snapshotName: name }, (entry) =>
    connection.createSnapshot(
      {
        vmMoref,
        name,
        description: `Taken by coldframe to reset change tracking and removed at once. ${entry.marker}`,
        quiesce: false,
      },
      signal,
    ),
  );
  await scope.undoAll();
}

function doubtedDisks(vm: VmDetails, last: RestorePoint | undefined): ReadonlySet<string> {
  const doubted = new Set<string>();
  for (const disk of vm.disks) {
    const label = diskLabel(disk);
    const before = last?.header.disks.find((each) => each.label === label);
    if (before === undefined || before.uuid.toLowerCase() !== disk.uuid.toLowerCase()) continue;
    const resized = before.capacityBytes !== disk.capacityBytes;
    if (disk.changeId !== undefined && (resized || before.changeId === null)) doubted.add(label);
  }
  return doubted;
}
