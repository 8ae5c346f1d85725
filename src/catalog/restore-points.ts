import { z } from 'zod';

import type { RestorePoint, RestorePointTime } from '#core/restore-point.ts';

import { restorePointSchema } from './restore-point-schema.ts';
import type { Change, Store } from './store.ts';
import { openTable } from './table.ts';
import { below, joinKey, newestFirst, timeOfPart, type Page } from './time-key.ts';

const rowsPerWrite = 200;

export interface RestorePoints {
  addRestorePoint(point: RestorePoint): Promise<void>;
  removeRestorePoint(id: string): Promise<void>;
  getRestorePoint(id: string): Promise<RestorePoint | undefined>;
  /** Newest first. */
  restorePointsOfVm(vm: {
    endpointUuid: string;
    instanceUuid: string;
  }): Promise<readonly RestorePoint[]>;
  /** Those of each VM, newest first, under `vmKey`. Read from an index and kept until a point comes or goes. */
  restorePointTimes(): Promise<RestorePointTimes>;
  /** Newest first, from behind the last one of the page before. */
  listRestorePoints(page: Page): Promise<readonly RestorePoint[]>;
  /**
   * Makes the catalog agree with a listing of one repository: what is not in it goes, except
   * for archives that lie at `unreadable` paths, of which nothing is known now. Additions come
   * first, so that a crash leaves too many entries and never too few.
   */
  replaceRestorePoints(
    repositoryId: string,
    points: readonly RestorePoint[],
    unreadable?: readonly string[],
  ): Promise<{ readonly added: number; readonly removed: number }>;
}

export type RestorePointTimes = ReadonlyMap<string, readonly RestorePointTime[]>;

/** Two indexes beside the points: by VM and time, and by time alone. */
export function openRestorePoints(store: Store): RestorePoints {
  const points = openTable(store, 'restore-points', restorePointSchema);
  const byVm = openTable(store, 'restore-points-by-vm', z.string());
  const byTime = openTable(store, 'restore-points-by-time', z.string());

  const keysOf = ({ header }: RestorePoint) => {
    const time = newestFirst(header.createdAtMs);
    return {
      vm: joinKey(header.vm.endpointUuid, header.vm.instanceUuid, time, header.id),
      time: joinKey(time, header.id),
    };
  };
  const addition = (point: RestorePoint): Change[] => {
    const keys = keysOf(point);
    const { id } = point.header;
    return [points.set(id, point), byVm.set(keys.vm, id), byTime.set(keys.time, id)];
  };
  const removal = (point: RestorePoint): Change[] => {
    const keys = keysOf(point);
    return [points.remove(point.header.id), byVm.remove(keys.vm), byTime.remove(keys.time)];
  };
  const load = async (ids: readonly string[]): Promise<RestorePoint[]> => {
    const found = await Promise.all(ids.map((id) => points.get(id)));
    return found.filter((point) => point !== undefined);
  };
  let times: Promise<RestorePointTimes> | undefined;
  const write = async (changes: readonly Change[]): Promise<void> => {
    // Before and after: what is read while the write is under way must not be kept.
    times = undefined;
    await store.write(changes);
    times = undefined;
  };
  const writeInParts = async (changes: readonly Change[][]): Promise<void> => {
    for (let i = 0; i < changes.length; i += rowsPerWrite)
      await write(changes.slice(i, i + rowsPerWrite).flat());
  };

  return {
    async addRestorePoint(point) {
      // A point that moved in time or to another VM must not leave its old index rows.
      const old = await points.get(point.header.id);
      await write([...(old === undefined ? [] : removal(old)), ...addition(point)]);
    },
    async removeRestorePoint(id) {
      const point = await points.get(id);
      if (point !== undefined) await write(removal(point));
    },
    getRestorePoint: (id) => points.get(id),
    async restorePointsOfVm(vm) {
      return load(await byVm.values(below(vm.endpointUuid, vm.instanceUuid)));
    },
    restorePointTimes() {
      const reading = (times ??= byVm.keys().then(timesByVm));
      // A failed read is told to those who waited for it and is tried anew.
      reading.catch(() => (times = undefined));
      return reading;
    },
    async listRestorePoints({ limit, after }) {
      const from =
        after === undefined ? {} : { gt: joinKey(newestFirst(after.createdAtMs), after.id) };
      return load(await byTime.values({ ...from, limit }));
    },
    async replaceRestorePoints(repositoryId, listed, unreadable = []) {
      const old = (await points.values()).filter((point) => point.repositoryId === repositoryId);
      const oldById = new Map(old.map((point) => [point.header.id, point]));
      const listedIds = new Set(listed.map((point) => point.header.id));
      const gone = old.filter(
        ({ header, path }) => !listedIds.has(header.id) && !unreadable.includes(path),
      );
      await writeInParts(
        listed.map((point) => {
          const before = oldById.get(point.header.id);
          return [...(before === undefined ? [] : removal(before)), ...addition(point)];
        }),
      );
      await writeInParts(gone.map(removal));
      return {
        added: listed.filter((point) => !oldById.has(point.header.id)).length,
        removed: gone.length,
      };
    },
  };
}

/** From keys "<endpoint uuid>/<instance uuid>/<time>/<id>", the first two as `vmKey` joins them. */
function timesByVm(keys: readonly string[]): RestorePointTimes {
  const found = new Map<string, RestorePointTime[]>();
  for (const key of keys) {
    const [endpoint = '', instance = '', time = '', id = ''] = key.split('/');
    const vm = `${endpoint}/${instance}`;
    const list = found.get(vm) ?? [];
    list.push({ id: decodeURIComponent(id), createdAtMs: timeOfPart(time) });
    found.set(vm, list);
  }
  return found;
}
