import { z } from 'zod';

import { ColdframeError } from '#core/error.ts';
import { provisionings } from '#core/places.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { RunRecord } from '#core/run.ts';
import { defaultTransportPolicy, transportChoices } from '#core/transport-plan.ts';
import type { InPlaceTarget, NewVmTarget, RestorePlan, RestoreRequest } from '#engine/requests.ts';

import type { LoggedWatch, RestorePointStore, UseCases } from '../ports.ts';
import type { RunQueue } from '../runs/run-queue.ts';
import type { ExecuteTask } from '../runs/run-task.ts';
import { vmQuerySchema } from './backups.ts';
import type { Endpoints } from './endpoints.ts';
import type { Repositories } from './repositories.ts';
import { findRestorePoint } from './restore-points.ts';

const newVmSchema: z.ZodType<NewVmTarget> = z.strictObject({
  kind: z.literal('new-vm'),
  name: z.string().min(1).max(80),
  folderPath: z.string().exactOptional(),
  resourcePool: z.string().exactOptional(),
  cluster: z.string().exactOptional(),
  host: z.string().exactOptional(),
  datastoreName: z.string().exactOptional(),
  diskDatastores: z.record(z.string(), z.string()).exactOptional(),
  provisioning: z.enum(provisionings).exactOptional(),
  keepIdentity: z.boolean().default(false),
  keepMacAddresses: z.boolean().exactOptional(),
  connectNetworks: z.boolean().exactOptional(),
  withoutTpm: z.boolean().exactOptional(),
  networkMap: z.record(z.string(), z.string()).exactOptional(),
  onFailure: z.enum(['destroy', 'keep']).default('destroy'),
});

const inPlaceSchema: z.ZodType<InPlaceTarget> = z.strictObject({
  kind: z.literal('in-place'),
  vm: vmQuerySchema.exactOptional(),
  powerOff: z.boolean().default(false),
  rollback: z.boolean().exactOptional(),
  diskTargets: z.record(z.string(), z.string()).exactOptional(),
});

export const restoreOrderSchema = z.strictObject({
  restorePoint: z.string().min(1),
  /** Id or name; absent: where the VM was backed up. */
  endpoint: z.string().optional(),
  target: z.union([newVmSchema, inPlaceSchema]),
  disks: z.array(z.string()).min(1).optional(),
  powerOn: z.boolean().default(false),
  /** How long to wait for VMware Tools after powering on; absent: not at all. */
  waitForToolsMs: z.number().int().min(0).max(3_600_000).optional(),
  readBack: z.enum(['full', 'sampled', 'off']).default('full'),
  transports: z
    .array(z.enum(transportChoices))
    .min(1)
    .default([...defaultTransportPolicy]),
});

export type RestoreOrder = z.infer<typeof restoreOrderSchema>;

const taskSchema = restoreOrderSchema.extend({ endpoint: z.string() });

export interface RestoresOptions {
  readonly endpoints: Endpoints;
  readonly repositories: Repositories;
  readonly restorePoints: RestorePointStore;
  readonly queue: RunQueue;
  readonly useCases: UseCases;
}

type Context = Omit<RestoresOptions, 'queue' | 'useCases'>;

/** Plans first, in any case: what cannot be done is refused before it is queued. */
export async function planRestore(
  options: RestoresOptions,
  order: RestoreOrder,
  watch: LoggedWatch,
): Promise<RestorePlan> {
  const request = await engineRequest(options, order, 'plan');
  return options.useCases.planRestore(request, watch);
}

export async function orderRestore(
  options: RestoresOptions,
  order: RestoreOrder,
  watch: LoggedWatch,
): Promise<RunRecord> {
  const plan = await planRestore(options, order, watch);
  const point = plan.restorePoint;
  const endpoint = await endpointFor(options, order, point);
  return options.queue.submit({
    kind: 'restore',
    title: titleOf(order.target, point.header.vm.name),
    jobName: null,
    tasks: [
      {
        subject: plan.vmName,
        exclusive: `${endpoint}/${plan.vmMoref ?? `new ${plan.vmName}`}`,
        request: { ...order, endpoint },
      },
    ],
  });
}

function titleOf(target: RestoreOrder['target'], name: string): string {
  if (target.kind === 'new-vm') return `Restore ${name} to the new VM ${target.name}`;
  return target.rollback === true ? `Roll ${name} back` : `Restore ${name} in place`;
}

export function restoreExecutor(context: Context, useCases: UseCases): ExecuteTask {
  return async ({ task, log, signal, onProgress }) => {
    const order = taskSchema.parse(task.request);
    const request = await engineRequest(context, order, task.id);
    const { warnings, ...result } = await useCases.restoreVm(request, { log, signal, onProgress });
    return { warnings, result: { restorePointId: order.restorePoint, ...result } };
  };
}

async function engineRequest(
  context: Context,
  order: RestoreOrder,
  taskId: string,
): Promise<RestoreRequest> {
  const point = await findRestorePoint(context.restorePoints, order.restorePoint);
  const endpointId = await endpointFor(context, order, point);
  return {
    endpoint: await context.endpoints.unlock(endpointId),
    repository: await context.repositories.find(point.repositoryId),
    restorePointId: point.header.id,
    taskId,
    target: order.target,
    ...(order.disks === undefined ? {} : { disks: order.disks }),
    powerOn: order.powerOn,
    ...(order.waitForToolsMs === undefined ? {} : { waitForToolsMs: order.waitForToolsMs }),
    readBack: order.readBack,
    transports: order.transports,
  };
}

/** The id of the endpoint that was asked for, else of the one that the VM was backed up from. */
async function endpointFor(
  { endpoints }: Context,
  order: RestoreOrder,
  point: RestorePoint,
): Promise<string> {
  if (order.endpoint !== undefined) return (await endpoints.find(order.endpoint)).id;
  const { endpointUuid, name } = point.header.vm;
  const home = (await endpoints.list()).find(({ instanceUuid }) => instanceUuid === endpointUuid);
  if (home !== undefined) return home.id;
  throw new ColdframeError(
    'not-found',
    `The endpoint that ${name} was backed up from is not known here. Say where to restore it with --endpoint.`,
  );
}
