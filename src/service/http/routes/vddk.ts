import { z } from 'zod';

import type { Vddk } from '../../operations/vddk.ts';
import { vddkAnswer } from '../answers.ts';
import { route, type BoundRoute } from '../route.ts';

export function vddkRoutes(vddk: Vddk): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/vddk',
      summary: "Which of VMware's disk libraries is installed",
      answers: vddkAnswer,
      handle: () => vddk.status(),
    }),
    route({
      method: 'POST',
      path: '/vddk',
      summary: "Use a folder, or unpack VMware's archive",
      answers: vddkAnswer,
      body: z.strictObject({ path: z.string().min(1) }),
      handle: ({ body, signal }) => vddk.install(body.path, signal),
    }),
  ];
}
