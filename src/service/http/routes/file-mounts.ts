import { z } from 'zod';

import type { FileMountList } from '#core/guest-files.ts';

import type { FileMounts } from '../../operations/file-mounts.ts';
import { route, type BoundRoute } from '../route.ts';

const one = z.object({ id: z.string() });
const path = z
  .string()
  .startsWith('/')
  .describe('As an entry shows it: "/volume/folder/file", odd characters as %XX.');

export function fileMountRoutes(mounts: FileMounts): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/file-mounts',
      summary: 'Restore points that are open for browsing',
      handle: async (): Promise<FileMountList> => ({ mounts: mounts.list() }),
    }),
    route({
      method: 'POST',
      path: '/file-mounts',
      summary: 'Open a restore point for browsing; `state` says when it is ready',
      body: z.strictObject({
        restorePoint: z.string().min(1),
        idleMinutes: z.number().int().min(1).max(1440).default(30),
      }),
      handle: async ({ body, caller }) => mounts.open(body, caller),
    }),
    route({
      method: 'GET',
      path: '/file-mounts/:id',
      summary: 'One of them',
      params: one,
      handle: async ({ params, caller }) => mounts.find(params.id, caller),
    }),
    route({
      method: 'DELETE',
      path: '/file-mounts/:id',
      summary: 'Close it',
      params: one,
      handle: async ({ params, caller }) => mounts.close(params.id, caller),
    }),
    route({
      method: 'GET',
      path: '/file-mounts/:id/volumes',
      summary: 'Its file systems and operating systems',
      params: one,
      handle: ({ params, caller, signal }) =>
        mounts.use(params.id, caller, (process) => process.volumes(signal)),
    }),
    route({
      method: 'GET',
      path: '/file-mounts/:id/entries',
      summary: 'A page of a folder; "/" has the volumes',
      params: one,
      query: z.strictObject({
        path: path.default('/'),
        from: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(1000).default(500),
      }),
      handle: ({ params, query, caller, signal }) =>
        mounts.use(params.id, caller, (process) => process.entries(query, signal)),
    }),
    route({
      method: 'GET',
      path: '/file-mounts/:id/content',
      summary: 'A file, or a folder as a tar',
      params: one,
      query: z.strictObject({ path }),
      handle: ({ params, query, caller, signal }) =>
        mounts.stream(params.id, caller, query.path, signal),
    }),
  ];
}
