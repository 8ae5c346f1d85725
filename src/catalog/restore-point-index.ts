import { z } from 'zod';

import type { RestorePoint } from '#core/restore-point.ts';

import type { Change, Store } from './store.ts';
import { openTable, type KeyRange } from './table.ts';
import { below, joinKey, newestFirst, type Page } from './time-key.ts';

/** Which restore points; each choice is a range of one index, newest first. */
export type RestorePointFilter =
  | { readonly by: 'all' }
  | { readonly by: 'vm'; readonly endpointUuid: string; readonly instanceUuid: string }
  /** As people name a VM: by its name or its instance UUID. */
  | { readonly by: 'word'; readonly word: string }
  | { readonly by: 'repository'; readonly repositoryId: string };

/** Ids of restore points in the orders that they are asked for. */
export interface RestorePointIndex {
  additions(point: RestorePoint): readonly Change[];
  removals(point: RestorePoint): readonly Change[];
  ids(filter: RestorePointFilter, page?: Page): Promise<string[]>;
  /** "<endpoint uuid>/<instance uuid>/<time>/<id>" of every point, in order, some at a time. */
  vmKeys(): AsyncGenerator<readonly string[]>;
}

/** Between them others get their turn. */
const keysAtOnce = 5000;

const tableOf = {
  all: 'restore-points-by-time',
  vm: 'restore-points-by-vm',
  word: 'restore-points-by-word',
  repository: 'restore-points-by-repository',
} as const;

export function openRestorePointIndex(store: Store): RestorePointIndex {
  const tables = {
    all: openTable(store, tableOf.all, z.string()),
    vm: openTable(store, tableOf.vm, z.string()),
    word: openTable(store, tableOf.word, z.string()),
    repository: openTable(store, tableOf.repository, z.string()),
  };
  const rows = (point: RestorePoint): (readonly [keyof typeof tables, string])[] => {
    const { header, repositoryId } = point;
    const { endpointUuid, instanceUuid, name } = header.vm;
    const place = [newestFirst(header.createdAtMs), header.id];
    return [
      ['all', joinKey(...place)],
      ['vm', joinKey(endpointUuid, instanceUuid, ...place)],
      ['repository', joinKey(repositoryId, ...place)],
      ...[...new Set([name, instanceUuid])].map(
        (word) => ['word', joinKey(word, ...place)] as const,
      ),
    ];
  };
  return {
    additions: (point) =>
      rows(point).map(([table, key]) => tables[table].set(key, point.header.id)),
    removals: (point) => rows(point).map(([table, key]) => tables[table].remove(key)),
    ids: (filter, page) => tables[filter.by].values(rangeOf(partsOf(filter), page)),
    async *vmKeys() {
      let gt = '';
      for (;;) {
        const keys = await tables.vm.keys({ gt, limit: keysAtOnce });
        const last = keys.at(-1);
        if (last === undefined) return;
        yield keys;
        gt = last;
      }
    },
  };
}

function partsOf(filter: RestorePointFilter): readonly string[] {
  switch (filter.by) {
    case 'all':
      return [];
    case 'vm':
      return [filter.endpointUuid, filter.instanceUuid];
    case 'word':
      return [filter.word];
    case 'repository':
      return [filter.repositoryId];
    default:
      return filter satisfies never;
  }
}

function rangeOf(parts: readonly string[], page: Page | undefined): KeyRange {
  const within = parts.length === 0 ? undefined : below(...parts);
  if (page === undefined) return within ?? {};
  const { limit, after } = page;
  if (after === undefined) return { ...within, limit };
  const gt = joinKey(...parts, newestFirst(after.createdAtMs), after.id);
  return within === undefined ? { gt, limit } : { gt, lt: within.lt, limit };
}
