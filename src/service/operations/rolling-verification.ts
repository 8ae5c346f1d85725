import { z } from 'zod';

import type { Clock } from '#core/clock.ts';
import type { RepositoryConfig, VerificationPlan } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { RunRecord } from '#core/run.ts';
import type { RollingOutcome } from '#engine/verify-oldest-proofs.ts';

import type { RepositoryStore, UseCases } from '../ports.ts';
import type { RunQueue } from '../runs/run-queue.ts';
import type { TaskInput, TaskOutcome } from '../runs/run-task.ts';
import { checkSchedule } from '../schedule/next-runs.ts';
import { scheduleSchema } from './job-schema.ts';
import type { Repositories } from './repositories.ts';

const hours = z.number().positive().max(168);
const againAfterDays = z.number().min(0).max(3650);

/** Reads a repository's archives, oldest proof first. */
export const rollingOrderSchema = z.strictObject({
  /** Id or name. */
  repository: z.string().min(1),
  hours: hours.default(24),
  againAfterDays: againAfterDays.default(0),
});

export const verificationPlanSchema = z.strictObject({
  schedule: scheduleSchema,
  hours: hours.default(4),
  againAfterDays: againAfterDays.default(30),
});

export type RollingOrder = z.infer<typeof rollingOrderSchema>;

const hourMs = 3_600_000;

export interface RollingOptions {
  readonly repositories: Pick<Repositories, 'find'>;
  readonly queue: Pick<RunQueue, 'submit'>;
}

/** Throws 'busy' while the same repository is being verified. */
export async function orderRolling(
  { repositories, queue }: RollingOptions,
  order: RollingOrder,
): Promise<RunRecord> {
  const { id, name } = await repositories.find(order.repository);
  return queue.submit({
    kind: 'verify',
    title: `Verify repository ${name}, oldest proof first`,
    jobName: null,
    tasks: [
      {
        subject: name,
        exclusive: `verify repository ${id}`,
        request: { ...order, repository: id },
      },
    ],
  });
}

export async function executeRolling(
  {
    repositories,
    useCases,
  }: Pick<RollingOptions, 'repositories'> & { readonly useCases: UseCases },
  order: RollingOrder,
  { log, signal, onProgress }: Pick<TaskInput, 'log' | 'signal' | 'onProgress'>,
): Promise<TaskOutcome> {
  const repository = await repositories.find(order.repository);
  const outcome = await useCases.verifyOldestProofs(
    {
      repository,
      mostMs: order.hours * hourMs,
      mostBytes: Number.MAX_SAFE_INTEGER,
      againAfterMs: order.againAfterDays * 24 * hourMs,
    },
    { log, signal, onProgress },
  );
  const { damaged, unjudged } = outcome;
  for (const { path, message } of damaged) log.error(`${path}: ${message}`);
  if (damaged.length > 0) throw damageFound(repository, outcome);
  return {
    warnings: unjudged.map(({ path, reason }) => `${path} could not be checked: ${reason}`),
    result: { ...outcome },
  };
}

/** A run that fails is what alarms are about. */
function damageFound({ name }: RepositoryConfig, outcome: RollingOutcome): ColdframeError {
  const [first] = outcome.damaged;
  const vms = [...new Set(outcome.damaged.map(({ vmName }) => vmName))].join(', ');
  return new ColdframeError(
    'archive-damaged',
    `${outcome.damaged.length} of the archives read in repository "${name}" are damaged, those of ${vms}. The first is ${first!.path}: ${first!.message} The next backup of each VM reads again what was lost, so run it soon, and check the storage.`,
    { details: { ...outcome } },
  );
}

/** When a repository's archives are proven again. */
export interface VerificationPlans {
  set(wanted: string, plan: VerificationPlan | undefined): Promise<RepositoryConfig>;
  /** Whether SHA256SUMS is kept beside new archives. */
  setSums(wanted: string, sums: boolean): Promise<RepositoryConfig>;
}

export function createVerificationPlans(options: {
  readonly store: Pick<RepositoryStore, 'saveRepository'>;
  readonly repositories: Pick<Repositories, 'find'>;
  readonly clock: Clock;
}): VerificationPlans {
  return {
    async set(wanted, plan) {
      if (plan !== undefined) checkSchedule(plan.schedule, options.clock.now());
      const { verification: _, ...plain } = await options.repositories.find(wanted);
      const changed = plan === undefined ? plain : { ...plain, verification: plan };
      await options.store.saveRepository(changed);
      return changed;
    },
    async setSums(wanted, sums) {
      const { sums: _, ...plain } = await options.repositories.find(wanted);
      const changed = sums ? { ...plain, sums } : plain;
      await options.store.saveRepository(changed);
      return changed;
    },
  };
}
