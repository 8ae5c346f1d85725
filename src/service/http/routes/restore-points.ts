import { z } from 'zod';

import type { RestorePointList } from '#core/api.ts';

import { withMarks } from '../../operations/restore-point-care.ts';
import { findRestorePoint, restorePointsOf } from '../../operations/restore-points.ts';
import type { MarkStore, RestorePointStore } from '../../ports.ts';
import { nextOf, pageOf, pageQuery } from '../cursor.ts';
import { route, type BoundRoute } from '../route.ts';

export function restorePointRoutes(store: RestorePointStore & MarkStore): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/restore-points',
      summary: 'List restore points, newest first; of one VM by name or instance UUID',
      query: pageQuery.extend({ vm: z.string().optional() }),
      handle: async ({ query }): Promise<RestorePointList> => {
        const { vm, limit } = query;
        if (vm !== undefined)
          return {
            restorePoints: await withMarks(store, await restorePointsOf(store, { vm, limit })),
          };
        const restorePoints = await store.listRestorePoints(pageOf(query));
        return {
          restorePoints: await withMarks(store, restorePoints),
          ...nextOf(
            restorePoints.map(({ header }) => header),
            limit,
          ),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/restore-points/:id',
      summary: 'One restore point',
      params: z.object({ id: z.string() }),
      handle: async ({ params }) => {
        const [view] = await withMarks(store, [await findRestorePoint(store, params.id)]);
        return view;
      },
    }),
  ];
}
