import { z } from 'zod';

import { ColdframeError } from '#core/error.ts';
import type { RunRecord } from '#core/run.ts';

import type { RestorePointStore, UseCases } from '../ports.ts';
import type { RunQueue } from '../runs/run-queue.ts';
import type { ExecuteTask } from '../runs/run-task.ts';
import type { Repositories } from './repositories.ts';
import { findRestorePoint } from './restore-points.ts';
import { executeRolling, orderRolling, rollingOrderSchema } from './rolling-verification.ts';

const pointOrderSchema = z.strictObject({ restorePoint: z.string().min(1) });

/** One restore point with all that it builds on, or a repository's archives by turns. */
export const verificationOrderSchema = z.union([pointOrderSchema, rollingOrderSchema]);

export interface VerificationsOptions {
  readonly repositories: Repositories;
  readonly restorePoints: RestorePointStore;
  readonly queue: RunQueue;
}

export async function orderVerification(
  { repositories, restorePoints, queue }: VerificationsOptions,
  order: z.infer<typeof verificationOrderSchema>,
): Promise<RunRecord> {
  if ('repository' in order) return orderRolling({ repositories, queue }, order);
  const { header } = await findRestorePoint(restorePoints, order.restorePoint);
  return queue.submit({
    kind: 'verify',
    title: `Verify ${header.vm.name}, restore point ${header.id}`,
    jobName: null,
    tasks: [{ subject: header.vm.name, exclusive: `verify ${header.id}`, request: order }],
  });
}

export function verificationExecutor(
  { repositories, restorePoints }: Omit<VerificationsOptions, 'queue'>,
  useCases: UseCases,
): ExecuteTask {
  return async ({ task, log, signal, onProgress }) => {
    const order = verificationOrderSchema.parse(task.request);
    if ('repository' in order)
      return executeRolling({ repositories, useCases }, order, { log, signal, onProgress });
    const point = await findRestorePoint(restorePoints, order.restorePoint);
    const repository = await repositories.find(point.repositoryId);
    const { chain, damage, lost, checkedBytes, durationMs } = await useCases.verifyRestorePoint(
      { repository, restorePointId: point.header.id },
      { log, signal, onProgress },
    );
    for (const { path, member, message } of damage)
      log.error(`${path}${member === '' ? '' : `, ${member}`}: ${message}`);
    const archives = chain.map(({ header, path }) => ({ id: header.id, path }));
    const result = { checkedBytes, durationMs, archives };
    const own = lost.find(({ path }) => path === point.path);
    const isHealed =
      damage.length > 0 &&
      own?.whole === false &&
      own.areas.length === 0 &&
      !damage.some(({ path }) => path === point.path);
    if (isHealed)
      return {
        warnings: damage.map(
          ({ path, message }) =>
            `${path} is damaged, and this restore point does not need what was lost: ${message}`,
        ),
        result,
      };
    if (damage.length > 0)
      throw new ColdframeError(
        'archive-damaged',
        `${damage[0]!.path} is damaged: ${damage[0]!.message} Restore from another restore point; the next backup of this VM reads again what was lost, or begins a new chain, so run it soon.`,
        { details: { damage } },
      );
    return { warnings: [], result };
  };
}
