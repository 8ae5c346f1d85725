import { z } from 'zod';

import {
  verificationPlanSchema,
  type VerificationPlans,
} from '../../operations/rolling-verification.ts';
import { route, type BoundRoute } from '../route.ts';

export function repositoryVerificationRoutes(plans: VerificationPlans): readonly BoundRoute[] {
  return [
    route({
      method: 'PATCH',
      path: '/repositories/:id/verification',
      summary: 'Choose when the archives of a repository are read and proven again',
      params: z.object({ id: z.string() }),
      body: z.strictObject({ plan: verificationPlanSchema.nullable() }),
      handle: ({ params, body }) => plans.set(params.id, body.plan ?? undefined),
    }),
    route({
      method: 'PATCH',
      path: '/repositories/:id/sums',
      summary: 'Choose whether SHA256SUMS is kept beside new archives',
      params: z.object({ id: z.string() }),
      body: z.strictObject({ sums: z.boolean() }),
      handle: ({ params, body }) => plans.setSums(params.id, body.sums),
    }),
  ];
}
