import { z } from 'zod';

import type { RestorePointList } from '#core/api.ts';
import { ColdframeError } from '#core/error.ts';

import { withMarks } from '../../operations/restore-point-care.ts';
import { findRestorePoint } from '../../operations/restore-points.ts';
import type { MarkStore, RestorePointChoice, RestorePointStore } from '../../ports.ts';
import { nextOf, pageOf, pageQuery } from '../cursor.ts';
import { route, type BoundRoute } from '../route.ts';

export function restorePointRoutes(store: RestorePointStore & MarkStore): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/restore-points',
      summary:
        'List restore points, newest first; of one VM by name or instance UUID, or of one repository by id',
      query: pageQuery.extend({ vm: z.string().optional(), repository: z.string().optional() }),
      handle: async ({ query }): Promise<RestorePointList> => {
        const { limit } = query;
        const filter = choiceOf(query);
        const page = pageOf(query);
        const restorePoints = await store.listRestorePoints(
          filter === undefined ? page : { ...page, filter },
        );
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

function choiceOf({
  vm,
  repository,
}: {
  readonly vm?: string | undefined;
  readonly repository?: string | undefined;
}): RestorePointChoice | undefined {
  if (vm !== undefined && repository !== undefined)
    throw new ColdframeError('invalid-input', 'Choose by VM or by repository, not both.');
  if (vm !== undefined) return { by: 'word', word: vm };
  if (repository !== undefined) return { by: 'repository', repositoryId: repository };
  return undefined;
}
