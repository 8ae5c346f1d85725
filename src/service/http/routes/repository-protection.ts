import { z } from 'zod';

import type { Protections } from '../../operations/protections.ts';
import { route, type BoundRoute } from '../route.ts';

export function repositoryProtectionRoutes(protections: Protections): readonly BoundRoute[] {
  return [
    route({
      method: 'PATCH',
      path: '/repositories/:id/protection',
      summary: 'Choose for how many days nobody can change or delete new archives; 0 for none',
      params: z.object({ id: z.string() }),
      body: z.strictObject({ days: z.int().min(0).max(3650) }),
      handle: ({ params, body }) => protections.set(params.id, body.days),
    }),
  ];
}
