import { z } from 'zod';

import { archiveFilesOf, type ArchiveFilesOptions } from '../../operations/archive-files.ts';
import { route, type BoundRoute } from '../route.ts';

export function archiveFileRoutes(options: ArchiveFilesOptions): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/restore-points/:id/archives',
      summary: 'The archive files that a restore point needs, oldest first',
      params: z.object({ id: z.string() }),
      handle: async ({ params, signal }) => archiveFilesOf(options, params.id, signal),
    }),
  ];
}
