import { z } from 'zod';

import type { ArchiveKeyList } from '#core/api.ts';
import { Secret } from '#core/secret.ts';

import type { ArchiveKeyRing } from '../../operations/archive-keys.ts';
import { route, type BoundRoute } from '../route.ts';

const newKey = z.strictObject({
  name: z.string().regex(/^[\w][\w. -]{0,62}$/, 'may hold letters, digits, space, and . _ -'),
  identity: z.string().transform((text) => new Secret(text)),
  keep: z.boolean(),
});

export function archiveKeyRoutes(keys: ArchiveKeyRing): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/archive-keys',
      summary: 'List the keys that can open encrypted archives',
      handle: async (): Promise<ArchiveKeyList> => ({ keys: await keys.list() }),
    }),
    route({
      method: 'POST',
      path: '/archive-keys',
      summary: 'Give a key that opens encrypted archives',
      body: newKey,
      status: 201,
      handle: ({ body }) => keys.add(body),
    }),
    route({
      method: 'DELETE',
      path: '/archive-keys/:recipient',
      summary: 'Take a key away',
      params: z.object({ recipient: z.string() }),
      handle: ({ params }) => keys.remove(params.recipient),
    }),
  ];
}
