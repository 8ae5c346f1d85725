import { z } from 'zod';

import { describeApi } from '../openapi.ts';
import { route, type BoundRoute } from '../route.ts';

/** The routes with one more, that describes them and itself. */
export function withDescription(routes: readonly BoundRoute[]): readonly BoundRoute[] {
  const all: readonly BoundRoute[] = [
    ...routes,
    route({
      method: 'GET',
      path: '/openapi.json',
      summary: 'This API in the words of OpenAPI 3.1',
      answers: z.looseObject({ openapi: z.string() }),
      handle: async () => describeApi(all),
    }),
  ];
  return all;
}
