import type { RestorePointView } from '#core/api.ts';
import type { Clock } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';
import { proofTimes } from '#core/proof-age.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { vmKey } from '#core/vm.ts';

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

type ProofStore = Pick<MarkStore, 'restorePointMarks'> &
  Pick<RestorePointStore, 'restorePointsOfVm'>;

/** With what was noted about each. */
export async function withMarks(
  store: ProofStore,
  points: readonly RestorePoint[],
): Promise<readonly RestorePointView[]> {
  const marks = await store.restorePointMarks(points.map(({ header }) => header.id));
  const proven = await provenAt(store, points);
  return points.map((point) => {
    const { pin, damage } = marks.get(point.header.id) ?? {};
    const provenAtMs = proven.get(point.header.id);
    return {
      ...point,
      ...(provenAtMs === undefined ? {} : { provenAtMs }),
      ...(pin === undefined ? {} : { pin }),
      ...(damage === undefined ? {} : { damage }),
    };
  });
}

/** A proof is about the chain, so that all restore points of each VM are looked at. */
async function provenAt(
  store: ProofStore,
  points: readonly RestorePoint[],
): Promise<ReadonlyMap<string, number>> {
  const proven = new Map<string, number>();
  const vms = new Map(points.map(({ header }) => [vmKey(header.vm), header.vm]));
  for (const vm of vms.values()) {
    const all = await store.restorePointsOfVm(vm);
    const marks = await store.restorePointMarks(all.map(({ header }) => header.id));
    for (const family of Map.groupBy(all, ({ repositoryId }) => repositoryId).values())
      for (const [id, atMs] of proofTimes(family, marks)) proven.set(id, atMs);
  }
  return proven;
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
