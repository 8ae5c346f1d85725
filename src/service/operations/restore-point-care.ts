import type { RestorePointView } from '#core/api.ts';
import type { Clock } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import type { MarkStore, RestorePointStore, UseCases } from '../ports.ts';
import type { RunQueue } from '../runs/run-queue.ts';
import { isBeingBackedUp, pointsBeingRead } from './points-in-use.ts';
import type { Repositories } from './repositories.ts';
import { findRestorePoint } from './restore-points.ts';

/** What people do with single restore points, beside restoring them. */
export interface RestorePointCareOptions {
  readonly store: RestorePointStore & MarkStore;
  readonly repositories: Repositories;
  readonly queue: Pick<RunQueue, 'unendedTasks'>;
  readonly useCases: Pick<UseCases, 'removeRestorePoint'>;
  readonly clock: Clock;
}

/** With what was noted about each. */
export async function withMarks(
  store: MarkStore,
  points: readonly RestorePoint[],
): Promise<readonly RestorePointView[]> {
  const marks = await store.restorePointMarks(points.map(({ header }) => header.id));
  return points.map((point) => {
    const { pin, damage } = marks.get(point.header.id) ?? {};
    return {
      ...point,
      ...(pin === undefined ? {} : { pin }),
      ...(damage === undefined ? {} : { damage }),
    };
  });
}

/** `note` undefined unpins. */
export async function pinRestorePoint(
  { store, clock }: RestorePointCareOptions,
  id: string,
  note: string | undefined,
): Promise<RestorePointView> {
  const point = await findRestorePoint(store, id);
  if (note === undefined) {
    await store.setPin(id, undefined);
  } else {
    await store.setPin(id, { atMs: clock.now(), note });
  }
  const [view] = await withMarks(store, [point]);
  return view ?? point;
}

/** Refused while anything needs the restore point; see `removeRestorePoint` of the engine. */
export async function removeByHand(
  { store, repositories, queue, useCases }: RestorePointCareOptions,
  { id, evenLast }: { readonly id: string; readonly evenLast: boolean },
  signal: AbortSignal,
): Promise<void> {
  const point = await findRestorePoint(store, id);
  const { vm } = point.header;
  await useCases.removeRestorePoint(
    {
      repository: await repositories.find(point.repositoryId),
      vm,
      id,
      evenLast,
      // Asked first, and once more right before the archive goes.
      inUse: () => {
        const tasks = queue.unendedTasks();
        if (!isBeingBackedUp(tasks, point)) return pointsBeingRead(tasks);
        throw new ColdframeError(
          'busy',
          `${vm.name} is being backed up, perhaps on top of this restore point. Wait until the run has ended.`,
        );
      },
    },
    signal,
  );
}
