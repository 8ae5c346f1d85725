import { z } from 'zod';

import {
  pinRestorePoint,
  removeByHand,
  type RestorePointCareOptions,
} from '../../operations/restore-point-care.ts';
import { route, type BoundRoute } from '../route.ts';

const id = z.object({ id: z.string() });

export function restorePointCareRoutes(options: RestorePointCareOptions): readonly BoundRoute[] {
  return [
    route({
      method: 'PATCH',
      path: '/restore-points/:id',
      summary: 'Pin a restore point, so that retention never removes it, or unpin it',
      params: id,
      body: z.strictObject({ pinned: z.boolean(), note: z.string().max(500).default('') }),
      handle: ({ params, body }) =>
        pinRestorePoint(options, params.id, body.pinned ? body.note : undefined),
    }),
    route({
      method: 'DELETE',
      path: '/restore-points/:id',
      summary: 'Remove a restore point and its archive; refused while anything needs it',
      params: id,
      query: z.strictObject({ evenLast: z.enum(['true', 'false']).default('false') }),
      handle: ({ params, query, signal }) =>
        removeByHand(options, { id: params.id, evenLast: query.evenLast === 'true' }, signal),
    }),
  ];
}
