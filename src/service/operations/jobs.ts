import { ColdframeError } from '#core/error.ts';
import type { Job } from '#core/job.ts';
import type { RunRecord } from '#core/run.ts';
import { missingVms, selectVms } from '#core/select-vms.ts';
import type { BackupOptions } from '#engine/requests.ts';

import { backupOptionsSchema, taskOfVm } from './backups.ts';
import type { Endpoints } from './endpoints.ts';
import type { FindOwnVm } from './own-vm.ts';
import type { Repositories } from './repositories.ts';
import type { RunQueue } from '../runs/run-queue.ts';

export interface JobRunOptions {
  readonly endpoints: Endpoints;
  readonly repositories: Repositories;
  readonly queue: RunQueue;
  readonly ownVm: FindOwnVm;
}

/** Looks at the inventory anew and queues one task for each VM that the job means. */
export async function runJob(
  options: JobRunOptions,
  job: Job,
  signal: AbortSignal,
): Promise<RunRecord> {
  const { endpoints, repositories, queue, ownVm } = options;
  const repository = await repositories.find(job.repositoryId);
  const vms = await endpoints.listVms(job.endpointId, signal);
  // "Every VM" means the appliance too, and would fail every night for it.
  const own = await ownVm(job.endpointId, signal);
  const choices = selectVms(vms, job.selection, own);
  if (choices.some(({ undecided }) => undecided === true))
    throw new ColdframeError(
      'unreachable',
      `Job ${job.name} goes by tags, and vCenter's tags could not be read; which VMs it means is unknown. Look at the log for the reason, and at vCenter's health.`,
    );
  const chosen = choices.filter((choice) => choice.chosen);
  const missing = missingVms(vms, job.selection);
  if (chosen.length === 0)
    throw new ColdframeError(
      'not-eligible',
      missing.length > 0
        ? `Job ${job.name} names VMs that are gone: ${missing.join(', ')}. Change the job.`
        : `Job ${job.name} selects no VM. Change what it is about.`,
    );
  const order = backupOptionsSchema.parse({
    compression: job.compression,
    quiesce: job.onQuiesceFailure === 'fail' ? 'required' : 'preferred',
    ...(job.quiesceRetries === undefined ? {} : { quiesceRetries: job.quiesceRetries }),
    ...chainOptions(job),
  });
  return queue.submit({
    kind: 'backup',
    title: job.name,
    jobName: job.name,
    tasks: chosen.map(({ vm: { identity } }) =>
      taskOfVm(
        { endpointId: job.endpointId, ...identity },
        { repositoryId: repository.id, jobName: job.name, jobId: job.id, options: order },
      ),
    ),
  });
}

/** Where a synthetic full cannot be made, the chain grows on, but not for ever. */
const patience = 2;

function chainOptions({
  maxChainLength,
  fulls,
  activeFullDays,
  auditPercent,
}: Job): Pick<BackupOptions, 'maxChainLength' | 'activeFullDays' | 'auditPercent'> {
  return {
    maxChainLength: fulls === 'synthetic' ? maxChainLength * patience : maxChainLength,
    ...(activeFullDays === undefined ? {} : { activeFullDays }),
    ...(auditPercent === undefined ? {} : { auditPercent }),
  };
}
