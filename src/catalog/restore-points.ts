import { isDeepStrictEqual } from 'node:util';

import { z } from 'zod';

import type { RestorePoint } from '#core/restore-point.ts';

import { openRestorePointIndex, type RestorePointFilter } from './restore-point-index.ts';
import { restorePointSchema } from './restore-point-schema.ts';
import { TimesByVm, type RestorePointTimes } from './restore-point-times.ts';
import type { Change, Store } from './store.ts';
import { openTable } from './table.ts';
import type { Page } from './time-key.ts';

const rowsPerWrite = 200;
const rowsPerRead = 500;
/** Raised when an index is added or changes; a catalog that has a smaller one is indexed when it is opened. */
const indexVersion = 1;

export interface RestorePoints {
  addRestorePoint(point: RestorePoint): Promise<void>;
  /** Adds or replaces, some at a time. */
  addRestorePoints(points: readonly RestorePoint[]): Promise<void>;
  removeRestorePoint(id: string): Promise<void>;
  getRestorePoint(id: string): Promise<RestorePoint | undefined>;
  /** Newest first. */
  restorePointsOfVm(vm: {
    endpointUuid: string;
    instanceUuid: string;
  }): Promise<readonly RestorePoint[]>;
  /** Those of a repository, newest first, some at a time: there may be more than fit into memory. */
  restorePointsIn(repositoryId: string): AsyncGenerator<RestorePoint>;
  /** Those of each VM, newest first, under `vmKey`; cheap to ask for again. */
  restorePointTimes(): Promise<RestorePointTimes>;
  /** Newest first, from behind the last one of the page before; reads no others than it gives. */
  listRestorePoints(
    page: Page & { readonly filter?: RestorePointFilter },
  ): Promise<readonly RestorePoint[]>;
  /**
   * Makes the catalog agree with a listing of one repository: what is not in it goes, except
   * for archives that lie at `unreadable` paths, of which nothing is known now. Additions come
   * first, so that a crash leaves too many entries and never too few. What is the same is not written.
   */
  replaceRestorePoints(
    repositoryId: string,
    points: readonly RestorePoint[],
    unreadable?: readonly string[],
  ): Promise<{ readonly added: number; readonly removed: number }>;
}

/** The points, and indexes beside them. */
export async function openRestorePoints(store: Store): Promise<RestorePoints> {
  const points = openTable(store, 'restore-points', restorePointSchema);
  const index = openRestorePointIndex(store);
  const times = new TimesByVm(() => index.vmKeys());
  await indexOldCatalog();

  /** Index rows of what was there before go first: a point may have moved in time or to another VM. */
  interface Replacement {
    readonly old: RestorePoint | undefined;
    readonly point: RestorePoint | undefined;
  }
  const changesOf = ({ old, point }: Replacement): readonly Change[] => [
    ...(old === undefined ? [] : [points.remove(old.header.id), ...index.removals(old)]),
    ...(point === undefined ? [] : [points.set(point.header.id, point), ...index.additions(point)]),
  ];
  const write = async (replacements: readonly Replacement[]): Promise<void> => {
    for (let at = 0; at < replacements.length; at += rowsPerWrite) {
      const part = replacements.slice(at, at + rowsPerWrite);
      await store.write(part.flatMap(changesOf));
      times.apply(
        part.map(({ old }) => old).filter((old) => old !== undefined),
        part.map(({ point }) => point).filter((point) => point !== undefined),
      );
    }
  };
  const load = async (ids: readonly string[]): Promise<RestorePoint[]> => {
    const found = await Promise.all(ids.map((id) => points.get(id)));
    return found.filter((point) => point !== undefined);
  };

  async function* restorePointsIn(repositoryId: string): AsyncGenerator<RestorePoint> {
    let after: RestorePoint['header'] | undefined;
    for (;;) {
      const page = { limit: rowsPerRead, ...(after === undefined ? {} : { after }) };
      const found = await load(await index.ids({ by: 'repository', repositoryId }, page));
      yield* found;
      after = found.at(-1)?.header;
      if (after === undefined) return;
    }
  }

  /** Once, after an update of coldframe that brings a new index. */
  async function indexOldCatalog(): Promise<void> {
    const versions = openTable(store, 'version', z.number());
    const known = await versions.get('restore-point-index');
    if (known === indexVersion) return;
    let last = '';
    for (;;) {
      const ids = await points.keys({ gt: last, limit: rowsPerRead });
      if (ids.length === 0) break;
      last = ids.at(-1)!;
      const found = await Promise.all(ids.map((id) => points.get(id)));
      await store.write(found.flatMap((point) => (point ? index.additions(point) : [])));
    }
    await store.write([versions.set('restore-point-index', indexVersion)]);
  }

  return {
    async addRestorePoint(point) {
      await write([{ old: await points.get(point.header.id), point }]);
    },
    async addRestorePoints(added) {
      const known = await Promise.all(added.map(({ header }) => points.get(header.id)));
      await write(added.map((point, index) => ({ old: known[index], point })));
    },
    async removeRestorePoint(id) {
      const old = await points.get(id);
      if (old !== undefined) await write([{ old, point: undefined }]);
    },
    getRestorePoint: (id) => points.get(id),
    restorePointsOfVm: async ({ endpointUuid, instanceUuid }) =>
      load(await index.ids({ by: 'vm', endpointUuid, instanceUuid })),
    restorePointsIn,
    restorePointTimes: () => times.get(),
    listRestorePoints: async ({ filter = { by: 'all' }, ...page }) =>
      load(await index.ids(filter, page)),
    async replaceRestorePoints(repositoryId, listed, unreadable = []) {
      const unknown = new Map(listed.map((point) => [point.header.id, point]));
      const unread = new Set(unreadable);
      const gone: Replacement[] = [];
      const changed: Replacement[] = [];
      for await (const old of restorePointsIn(repositoryId)) {
        const point = unknown.get(old.header.id);
        if (unknown.delete(old.header.id)) {
          if (!isDeepStrictEqual(point, old)) changed.push({ old, point });
        } else if (!unread.has(old.path)) gone.push({ old, point: undefined });
      }
      for (const point of unknown.values())
        changed.push({ old: await points.get(point.header.id), point });
      await write(changed);
      await write(gone);
      return { added: unknown.size, removed: gone.length };
    },
  };
}
