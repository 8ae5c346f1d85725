import type { MoverOrder, MoverResults } from '#core/mover-orders.ts';

import { backUp } from './backup.ts';
import type { MoverJob } from './job.ts';
import { restore } from './restore.ts';
import { synthesize } from './synthesize.ts';
import { cleanUpVddk, prepareVddk } from './vddk-access.ts';
import { verify } from './verify.ts';

export function carryOut(
  order: MoverOrder,
  job: MoverJob,
): Promise<MoverResults[MoverOrder['kind']]> {
  switch (order.kind) {
    case 'backup':
      return backUp(order, job);
    case 'restore':
      return restore(order, job);
    case 'verify':
      return verify(order, job);
    case 'synthesize':
      return synthesize(order, job);
    case 'vddk-prepare':
      return prepareVddk(order, job);
    case 'vddk-cleanup':
      return cleanUpVddk(order, job);
    default:
      return order satisfies never;
  }
}
