import { z } from 'zod';

import type { Vddk } from '../../operations/vddk.ts';
import { route, type BoundRoute } from '../route.ts';

export function vddkRoutes(vddk: Vddk): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/vddk',
      summary: "Which of VMware's disk libraries is installed",
      handle: () => vddk.status(),
    }),
    route({
      method: 'POST',
      path: '/vddk',
      summary: "Use a folder, or unpack VMware's archive",
      body: z.strictObject({ path: z.string().min(1) }),
      handle: ({ body, signal }) => vddk.install(body.path, signal),
    }),
  ];
}
