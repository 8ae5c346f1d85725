import { doubtAboutChanges } from '#core/changes-since.ts';
import { toErrorRecord } from '#core/error.ts';
import { extentBytes, type ExtentList } from '#core/extents.ts';
import { unfinishedRestoreKey } from '#core/own-settings.ts';
import type { ArchivedDisk, RestorePoint } from '#core/restore-point.ts';
import type { VmDetails, VmDisk } from '#core/vm.ts';

import { isDoubtAboutDisk } from './disk-sources.ts';
import type { Effects } from './effects.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';
import type { DiskMethod } from './requests.ts';

export interface RollbackJob {
  readonly connection: VsphereConnection;
  readonly effects: Effects;
  /** Powered off, so that nothing changes any more. */
  readonly vm: VmDetails;
  readonly point: RestorePoint;
  /** By the labels of the restore point. */
  readonly targets: ReadonlyMap<string, VmDisk>;
  readonly taskId: string;
}

/** How one disk is rolled back; without `areas` all of it is written. */
export interface RollbackAreas extends DiskMethod {
  readonly areas?: ExtentList;
}

/**
 * Asks vSphere what changed on each disk since the restore point, by a snapshot that is gone
 * again when this returns. A disk whose changes cannot be trusted is written whole, with the reason.
 */
export async function findRollbackAreas(
  context: EngineContext,
  job: RollbackJob,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, RollbackAreas>> {
  const { connection, effects, vm } = job;
  const found = new Map<string, RollbackAreas>();
  const trusted = [...job.targets].filter(([label, disk]) => {
    const doubt = doubtAbout(vm, disk, archived(job.point, label));
    if (doubt !== undefined) found.set(label, whole(doubt));
    return doubt === undefined;
  });
  if (trusted.length === 0) return found;
  const scope = effects.nested();
  try {
    const snapshotMoref = await takeSnapshot(scope, job, signal);
    const { disks } = await connection.snapshotContents(vm.identity.moref, snapshotMoref, signal);
    for (const [label, { key }] of trusted) {
      const frozen = disks.find((disk) => disk.key === key);
      found.set(label, await areasOf({ job, label, frozen, snapshotMoref }, signal));
    }
  } catch (error) {
    signal.throwIfAborted();
    const { message } = toErrorRecord(error);
    for (const [label] of trusted)
      found.set(label, whole(`asking what changed failed: ${message}`));
  } finally {
    await scope.undoAll();
    effects.adopt(scope);
  }
  for (const [label, { method, methodReason }] of found)
    context.log.info(`${label} is written ${method}: ${methodReason}`);
  return found;
}

/** As far as can be told without a snapshot; for the dry run. */
export function expectedMethod(vm: VmDetails, disk: VmDisk, before: ArchivedDisk): DiskMethod {
  const doubt = doubtAbout(vm, disk, before);
  return doubt === undefined
    ? { method: 'changed', methodReason: 'what has changed since, and differs' }
    : whole(doubt);
}

function doubtAbout(
  { extraConfig }: VmDetails,
  disk: VmDisk,
  before: ArchivedDisk | undefined,
): string | undefined {
  return (extraConfig.get(unfinishedRestoreKey) ?? '') === ''
    ? doubtAboutChanges(disk, before)
    : 'an earlier restore of the VM did not finish';
}

async function areasOf(
  of: {
    readonly job: RollbackJob;
    readonly label: string;
    readonly frozen: VmDisk | undefined;
    readonly snapshotMoref: string;
  },
  signal: AbortSignal,
): Promise<RollbackAreas> {
  const { job, label, frozen, snapshotMoref } = of;
  if (frozen === undefined) return whole('the snapshot does not contain this disk');
  const before = archived(job.point, label);
  const doubt = doubtAboutChanges(frozen, before);
  if (doubt !== undefined) return whole(doubt);
  try {
    const areas = await job.connection.changedAreas(
      {
        vmMoref: job.vm.identity.moref,
        snapshotMoref,
        deviceKey: frozen.key,
        capacityBytes: frozen.capacityBytes,
        changeId: before!.changeId!,
      },
      signal,
    );
    const since = new Date(job.point.header.createdAtMs).toISOString();
    const methodReason = `${extentBytes(areas)} bytes have changed since ${since}`;
    return { method: 'changed', methodReason, areas };
  } catch (error) {
    if (!isDoubtAboutDisk(error)) throw error;
    return whole(`vSphere does not know what changed on this disk (${error.message})`);
  }
}

function takeSnapshot(
  scope: Effects,
  { connection, vm, taskId }: RollbackJob,
  signal: AbortSignal,
): Promise<string> {
  const { moref: vmMoref, instanceUuid: vmInstanceUuid } = vm.identity;
  const name = `coldframe ${taskId}`;
  return scope.make('restore-snapshot', { vmMoref, vmInstanceUuid, snapshotName: name }, (entry) =>
    connection.createSnapshot(
      {
        vmMoref,
        name,
        description: `Taken by coldframe to ask what changed, and removed before the restore. ${entry.marker}`,
        quiesce: false,
      },
      signal,
    ),
  );
}

function archived({ header }: RestorePoint, label: string): ArchivedDisk | undefined {
  return header.disks.find((disk) => disk.label === label);
}

function whole(methodReason: string): DiskMethod {
  return { method: 'whole', methodReason };
}
