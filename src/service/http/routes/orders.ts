import type { TaskLog } from '#engine/ports.ts';

import { backupOrderSchema, orderBackup, type BackupsOptions } from '../../operations/backups.ts';
import {
  orderRestore,
  planRestore,
  restoreOrderSchema,
  type RestoresOptions,
} from '../../operations/restores.ts';
import { orderVerification, verificationOrderSchema } from '../../operations/verifications.ts';
import { runAnswer } from '../answers.ts';
import { route, type BoundRoute } from '../route.ts';

export interface OrderRoutesOptions extends BackupsOptions, RestoresOptions {
  readonly log: TaskLog;
}

/** Orders answer with the run that was queued. */
export function orderRoutes(options: OrderRoutesOptions): readonly BoundRoute[] {
  return [
    route({
      method: 'POST',
      path: '/backups',
      summary: 'Back up VMs',
      answers: runAnswer,
      body: backupOrderSchema,
      status: 202,
      handle: ({ body, signal }) => orderBackup(options, body, signal),
    }),
    route({
      method: 'POST',
      path: '/restores',
      summary: 'Restore a VM',
      answers: runAnswer,
      body: restoreOrderSchema,
      status: 202,
      handle: ({ body, signal }) => orderRestore(options, body, { signal, log: options.log }),
    }),
    route({
      method: 'POST',
      path: '/restore-plans',
      summary: 'Say what a restore would do, and do nothing',
      body: restoreOrderSchema,
      handle: ({ body, signal }) => planRestore(options, body, { signal, log: options.log }),
    }),
    route({
      method: 'POST',
      path: '/verifications',
      summary: 'Read a restore point and its chain and check every digest',
      answers: runAnswer,
      body: verificationOrderSchema,
      status: 202,
      handle: ({ body }) => orderVerification(options, body),
    }),
  ];
}
