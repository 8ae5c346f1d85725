import type { TaskRecord } from '#core/run.ts';
import type { RestorePoint } from '#core/restore-point.ts';

/** Ids of restore points that restores and verifications read, or wait to read. */
export function pointsBeingRead(tasks: readonly TaskRecord[]): ReadonlySet<string> {
  const wanted = tasks.filter(({ kind }) => kind !== 'backup').map(({ request }) => request);
  return new Set(
    wanted.map(({ restorePoint }) => restorePoint).filter((id) => typeof id === 'string'),
  );
}

/** A backup under way may be building on the newest point of its VM. */
export function isBeingBackedUp(
  tasks: readonly TaskRecord[],
  { header }: Pick<RestorePoint, 'header'>,
): boolean {
  return tasks.some(
    ({ kind, request }) => kind === 'backup' && request['instanceUuid'] === header.vm.instanceUuid,
  );
}
