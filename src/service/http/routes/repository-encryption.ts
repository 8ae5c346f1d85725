import { z } from 'zod';

import type { RepositoryEncryption } from '../../operations/repository-encryption.ts';
import { route, type BoundRoute } from '../route.ts';

const id = z.object({ id: z.string() });

export function repositoryEncryptionRoutes(
  encryption: RepositoryEncryption,
): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/repositories/:id/encryption',
      summary: 'Show whom new archives are encrypted to',
      params: id,
      handle: ({ params }) => encryption.show(params.id),
    }),
    route({
      method: 'PATCH',
      path: '/repositories/:id/encryption',
      summary: 'Choose whom new archives are encrypted to',
      params: id,
      body: z.strictObject({ encryptTo: z.array(z.string()).max(20) }),
      handle: ({ params, body }) => encryption.set(params.id, body.encryptTo),
    }),
  ];
}
