import { z } from 'zod';

import type { RepositoryList } from '#core/api.ts';
import { defaultNfsVersion, nfsVersions } from '#core/nfs.ts';

import { nfsShareOf } from '../../operations/nfs-share.ts';
import type { Repositories } from '../../operations/repositories.ts';
import { listAnswer } from '../answers.ts';
import { route, type BoundRoute } from '../route.ts';

const id = z.object({ id: z.string() });

const newName = z
  .string()
  .regex(/^[\w][\w. -]{0,62}$/, 'may hold letters, digits, space, and . _ -');

const newRepository = z.union(
  [
    z.strictObject({ name: newName, root: z.string().min(1) }),
    z
      .strictObject({
        name: newName,
        /** "nfs://server[:port]/export". */
        nfs: z.string(),
        version: z.enum(nfsVersions).default(defaultNfsVersion),
      })
      .transform(({ name, nfs, version }) => ({ name, nfs: nfsShareOf(nfs, version) })),
  ],
  { error: 'needs a name, and either a folder (root) or an export (nfs)' },
);

const rebuildChoice = z.strictObject({
  /** Read every archive, and not only those that are new or of another size. */
  all: z.boolean().optional(),
  /** Take restore points whose archives are gone out of the catalog. */
  forgetMissing: z.boolean().optional(),
});

export function repositoryRoutes(repositories: Repositories): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/repositories',
      summary: 'List repositories with their space',
      answers: listAnswer('repositories'),
      handle: async ({ signal }): Promise<RepositoryList> => ({
        repositories: await repositories.list(signal),
      }),
    }),
    route({
      method: 'POST',
      path: '/repositories',
      summary:
        'Begin a repository in an empty folder or NFS export, or take over one that is there',
      body: newRepository,
      status: 201,
      handle: ({ body, signal }) => repositories.add(body, signal),
    }),
    route({
      method: 'GET',
      path: '/repositories/:id',
      summary: 'Check the folder of a repository',
      params: id,
      handle: ({ params, signal }) => repositories.check(params.id, signal),
    }),
    route({
      method: 'GET',
      path: '/repositories/:id/differences',
      summary: 'Compare the folder with the catalog, by names and sizes',
      params: id,
      handle: ({ params, signal }) => repositories.differences(params.id, signal),
    }),
    route({
      method: 'DELETE',
      path: '/repositories/:id',
      summary: 'Forget a repository; its archives stay',
      params: id,
      handle: ({ params }) => repositories.remove(params.id),
    }),
    route({
      method: 'POST',
      path: '/repositories/:id/rebuild',
      summary: 'Find the restore points of archives that are new in the folder',
      params: id,
      body: rebuildChoice.optional(),
      handle: ({ params, body, signal }) => repositories.rebuild(params.id, body ?? {}, signal),
    }),
  ];
}
