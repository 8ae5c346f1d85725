import { setImmediate as others } from 'node:timers/promises';

import { z } from 'zod';

import type { RetentionSimulation } from '#core/api.ts';
import type { Clock } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';
import { fullsFrom, madeByJob, type Job, type Schedule } from '#core/job.ts';
import { decideRetention, type RetentionPoint } from '#core/retention.ts';
import { describeKeepReason } from '#core/keep-reasons.ts';
import {
  simulationSteps,
  type Simulation,
  type SimulationInput,
} from '#core/retention-simulation.ts';
import { StandIns } from '#core/stand-ins.ts';
import { vmKey } from '#core/vm.ts';

import type { JobStore, MarkStore, RestorePointStore } from '../ports.ts';
import { nextRuns } from '../schedule/next-runs.ts';
import { maxChainLengthSchema, retentionSchema, scheduleSchema } from './job-schema.ts';
import { jobWords, pick } from './pick.ts';
import type { Repositories } from './repositories.ts';
import { restorePointsOf } from './restore-points.ts';

const dayMs = 86_400_000;
const mostRuns = 10_000;
const runsAtOnce = 250;
/** Runs simulated before others get their turn: some ten milliseconds. */
const runsBetween = 20;
const mostPoints = 5000;

const pointSchema: z.ZodType<RetentionPoint> = z.strictObject({
  id: z.string().min(1),
  createdAtMs: z.number().int(),
  parentId: z.string().nullable().default(null),
  pinned: z.boolean().default(false),
});

/** What a job says holds unless it is said here; without `points` or `vm` it begins with nothing. */
export const simulationOrderSchema = z.strictObject({
  job: z.string().exactOptional(),
  retention: retentionSchema.exactOptional(),
  schedule: scheduleSchema.exactOptional(),
  maxChainLength: maxChainLengthSchema.exactOptional(),
  fulls: z.enum(fullsFrom).exactOptional(),
  /** Name or instance UUID: begins with its restore points. */
  vm: z.string().exactOptional(),
  repository: z.string().exactOptional(),
  points: z.array(pointSchema).max(mostPoints).exactOptional(),
  days: z.number().int().min(1).max(4000).default(400),
});

export type SimulationOrder = z.infer<typeof simulationOrderSchema>;

export interface SimulationOptions {
  readonly jobs: JobStore;
  readonly store: RestorePointStore & MarkStore;
  readonly repositories: Repositories;
  readonly clock: Clock;
}

/** Shows what a policy means before anything is saved or removed. */
export async function orderSimulation(
  options: SimulationOptions,
  order: SimulationOrder,
  signal: AbortSignal,
): Promise<RetentionSimulation> {
  const all = await options.jobs.listJobs();
  const job = order.job === undefined ? undefined : pick(all, order.job, jobWords);
  const policy = order.retention ?? job?.retention;
  if (policy === undefined)
    throw new ColdframeError('invalid-input', 'Say what to keep, or name a job that says it.');
  const points = order.points ?? (await pointsOfVm(options, order, { job, all }));
  const created = new Map(points.map(({ id, createdAtMs }) => [id, createdAtMs]));
  const now = decideRetention(points, policy).map((verdict) => ({
    ...verdict,
    createdAtMs: created.get(verdict.id)!,
    why: verdict.reasons.map(describeKeepReason).join('; ') || 'no rule keeps it',
  }));
  const schedule = order.schedule ?? job?.schedule;
  if (schedule === undefined) return { policy, now };
  const simulation = await simulate(
    {
      policy,
      points,
      times: comingTimes(schedule, options.clock.now(), order.days),
      maxChainLength: order.maxChainLength ?? job?.maxChainLength ?? 30,
      fulls: order.fulls ?? job?.fulls,
    },
    signal,
  );
  return { policy, now, coming: { ...simulation, days: order.days } };
}

/** Lets the service's other work in between. */
async function simulate(input: SimulationInput, signal: AbortSignal): Promise<Simulation> {
  const steps = simulationSteps(input);
  for (let run = 1; ; run++) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (run % runsBetween === 0) await others(undefined, { signal });
  }
}

async function pointsOfVm(
  { store, repositories }: SimulationOptions,
  order: SimulationOrder,
  { job, all }: { readonly job: Job | undefined; readonly all: readonly Job[] },
): Promise<readonly RetentionPoint[]> {
  if (order.vm === undefined) return [];
  const wanted = order.repository ?? job?.repositoryId;
  const repositoryId = (await repositories.find(wanted)).id;
  const found = (await restorePointsOf(store, { vm: order.vm, limit: mostPoints })).filter(
    (point) =>
      point.repositoryId === repositoryId &&
      (job === undefined || madeByJob(point.header.jobName, job, all)),
  );
  const vms = new Set(found.map(({ header }) => vmKey(header.vm)));
  if (vms.size > 1)
    throw new ColdframeError(
      'invalid-input',
      `There are restore points of ${vms.size} VMs named "${order.vm}". Give the instance UUID.`,
    );
  const marks = await store.restorePointMarks(found.map(({ header }) => header.id));
  const standIns = new StandIns(found);
  return found.map((point) => ({
    id: point.header.id,
    createdAtMs: point.header.createdAtMs,
    parentId: standIns.parentIdOf(point),
    pinned: marks.get(point.header.id)?.pin !== undefined,
  }));
}

function comingTimes(schedule: Schedule, nowMs: number, days: number): readonly number[] {
  const endMs = nowMs + days * dayMs;
  const times: number[] = [];
  for (let fromMs = nowMs; times.length <= mostRuns;) {
    const part = nextRuns(schedule, fromMs, runsAtOnce);
    const inTime = part.filter((time) => time <= endMs);
    times.push(...inTime);
    if (inTime.length < runsAtOnce) return times;
    fromMs = part.at(-1)!;
  }
  throw new ColdframeError(
    'invalid-input',
    `The schedule "${schedule.cron}" comes more than ${mostRuns} times in ${days} days. Simulate fewer days.`,
  );
}
