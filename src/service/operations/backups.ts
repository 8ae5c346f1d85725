import { z } from 'zod';

import { defaultTransportPolicy, transportChoices } from '#core/transport-plan.ts';
import type { RunRecord } from '#core/run.ts';
import type { VmQuery } from '#engine/ports.ts';
import type { BackupOptions } from '#engine/requests.ts';

import type { UseCases, Vsphere } from '../ports.ts';
import type { RunOrder, RunQueue } from '../runs/run-queue.ts';
import type { ExecuteTask } from '../runs/run-task.ts';
import type { Endpoints } from './endpoints.ts';
import { activeFullDaysSchema } from './job-schema.ts';
import type { Repositories } from './repositories.ts';
import type { Protections } from './protections.ts';
import type { PruneAfterBackup } from './prune-after-backup.ts';
import { findVms, type FoundVm } from './vm-query.ts';

export const vmQuerySchema: z.ZodType<VmQuery> = z.union([
  z.strictObject({ name: z.string().min(1) }),
  z.strictObject({ instanceUuid: z.string().min(1), morefHint: z.string().exactOptional() }),
  z.strictObject({ moref: z.string().min(1) }),
]);

export const backupOptionsSchema: z.ZodType<BackupOptions> = z.strictObject({
  forceFull: z.boolean().default(false),
  quiesce: z.enum(['preferred', 'required', 'off']).default('preferred'),
  quiesceRetries: z.number().int().min(0).max(10).exactOptional(),
  compression: z.enum(['zstd', 'none']).default('zstd'),
  compressLevel: z.number().int().min(1).max(19).default(1),
  transports: z
    .array(z.enum(transportChoices))
    .min(1)
    .default([...defaultTransportPolicy]),
  onFallback: z.enum(['warn', 'fail']).default('warn'),
  auditPercent: z.number().min(0).max(100).exactOptional(),
  maxChainLength: z.number().int().min(0).max(2000).exactOptional(),
  activeFullDays: activeFullDaysSchema.exactOptional(),
});

export const backupOrderSchema = z.strictObject({
  /** Id or name; may be left out when there is only one. */
  endpoint: z.string().optional(),
  repository: z.string().optional(),
  vms: z.array(vmQuerySchema).min(1),
  options: backupOptionsSchema.prefault({}),
});

export type BackupOrder = z.infer<typeof backupOrderSchema>;

const taskSchema = z.object({
  endpointId: z.string(),
  repositoryId: z.string(),
  instanceUuid: z.string(),
  moref: z.string(),
  jobName: z.string().nullable(),
  jobId: z.string().exactOptional(),
  options: backupOptionsSchema,
});

export interface BackupsOptions {
  readonly endpoints: Endpoints;
  readonly repositories: Repositories;
  readonly vsphere: Vsphere;
  readonly queue: RunQueue;
}

/** Checks names, then queues one task a VM. */
export async function orderBackup(
  { endpoints, repositories, vsphere, queue }: BackupsOptions,
  order: BackupOrder & { readonly jobName?: string },
  signal: AbortSignal,
): Promise<RunRecord> {
  const repository = await repositories.find(order.repository);
  const vms = await findVms(
    { endpoints, vsphere },
    { endpoint: order.endpoint, vms: order.vms },
    signal,
  );
  const jobName = order.jobName ?? null;
  const names = vms.map(({ name }) => name);
  return queue.submit({
    kind: 'backup',
    title: `Back up ${names.length > 3 ? `${names.length} VMs` : names.join(', ')}`,
    jobName,
    tasks: vms.map((vm) =>
      taskOfVm(vm, { repositoryId: repository.id, jobName, options: order.options }),
    ),
  });
}

/** A VM has one snapshot of ours at a time: tasks of one VM exclude each other. */
export function taskOfVm(
  { endpointId, moref, instanceUuid, name }: FoundVm,
  more: { repositoryId: string; jobName: string | null; jobId?: string; options: BackupOptions },
): RunOrder['tasks'][number] {
  return {
    subject: name,
    exclusive: `${endpointId}/${moref}`,
    request: { endpointId, instanceUuid, moref, ...more },
  };
}

export interface BackupExecutorOptions extends Pick<BackupsOptions, 'endpoints' | 'repositories'> {
  /** Carries the retention of the job out that made this restore point. */
  readonly pruneAfter: PruneAfterBackup;
  readonly protections: Pick<Protections, 'protect'>;
}

export function backupExecutor(
  { endpoints, repositories, pruneAfter, protections }: BackupExecutorOptions,
  useCases: UseCases,
): ExecuteTask {
  return async ({ task, log, signal, onProgress }) => {
    const wanted = taskSchema.parse(task.request);
    const repository = await repositories.find(wanted.repositoryId);
    const outcome = await useCases.backUpVm(
      {
        endpoint: await endpoints.unlock(wanted.endpointId),
        repository,
        vm: { instanceUuid: wanted.instanceUuid, morefHint: wanted.moref },
        runId: task.runId,
        taskId: task.id,
        jobName: wanted.jobName,
        options: wanted.options,
      },
      { log, signal, onProgress },
    );
    const { header, archiveBytes, path, seal } = outcome.restorePoint;
    const kept = await protections.protect({ repository, path }, log);
    const pruned =
      wanted.jobId === undefined
        ? undefined
        : await pruneAfter(
            { jobId: wanted.jobId, task, endpointId: wanted.endpointId, repository, vm: header.vm },
            { log, signal, onProgress },
          );
    return {
      warnings: [...outcome.warnings, ...(kept?.warnings ?? []), ...(pruned?.warnings ?? [])],
      result: {
        restorePointId: header.id,
        kind: header.kind,
        consistency: header.consistency,
        repositoryId: outcome.restorePoint.repositoryId,
        path,
        seal,
        archiveBytes,
        readBytes: outcome.readBytes,
        durationMs: outcome.durationMs,
        findings: outcome.findings,
        disks: header.disks.map(({ label, deviceLabel, mode, modeReason, ...disk }) => ({
          label,
          deviceLabel,
          mode,
          modeReason,
          transport: disk.transport,
          transportReason: disk.transportReason,
          capacityBytes: disk.capacityBytes,
        })),
        skippedDisks: header.skippedDisks,
        ...kept?.result,
        ...pruned?.result,
      },
    };
  };
}
