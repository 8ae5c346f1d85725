import { z } from 'zod';

import { vmQuerySchema } from '../../operations/backups.ts';
import { checkVm, vmCheckView, type VmCheckOptions } from '../../operations/check-vm.ts';
import { route, type BoundRoute } from '../route.ts';

export function vmCheckRoutes(options: VmCheckOptions): readonly BoundRoute[] {
  return [
    route({
      method: 'POST',
      path: '/vm-checks',
      summary: 'Say what a backup of a VM would meet, and do nothing',
      body: z.strictObject({ endpoint: z.string().optional(), vm: vmQuerySchema }),
      handle: async ({ body, signal }) =>
        vmCheckView(await checkVm(options, { endpoint: body.endpoint, vm: body.vm }, signal)),
    }),
  ];
}
