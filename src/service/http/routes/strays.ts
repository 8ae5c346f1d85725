import { z } from 'zod';

import type { Strays } from '../../operations/strays.ts';
import { route, type BoundRoute } from '../route.ts';

const days = z.coerce.number().int().min(0).max(3650);

export function strayRoutes(strays: Strays): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/strays',
      summary: 'Look for what was left behind, on every endpoint',
      query: z.object({ endpoint: z.string().optional(), foreignAfterDays: days.optional() }),
      handle: ({ query, signal }) => strays.look(query, signal),
    }),
    route({
      method: 'POST',
      path: '/strays/release',
      summary: 'Release what is ours, or what is named',
      body: z.strictObject({
        endpoint: z.string().optional(),
        ids: z.array(z.string().min(1)).min(1).optional(),
      }),
      handle: ({ body, signal }) => strays.release(body, signal),
    }),
  ];
}
