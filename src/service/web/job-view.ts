import { madeByJob, type Job } from '#core/job.ts';
import { decideRetention } from '#core/retention.ts';
import { previewRetention, type RetentionPreview } from '#core/retention-simulation.ts';
import type { RunRecord } from '#core/run.ts';
import { missingVms, selectVms } from '#core/select-vms.ts';
import { StandIns } from '#core/stand-ins.ts';
import { vmKey } from '#core/vm.ts';

import { nextRuns } from '../schedule/next-runs.ts';
import type { InventoryVm, Slow } from './inventory.ts';
import type { JobView } from './pages/job.ts';
import type { JobRow } from './pages/jobs.ts';
import { previewDays, type RetentionView } from './pages/retention.ts';
import type { WebServices } from './services.ts';

export const comingCount = 5;
const dayMs = 86_400_000;
/** A job that runs more often than five times a day: what is left of it takes long to work out. */
const mostPreviewRuns = 2000;
const mostVerdicts = 60;

interface Sources {
  readonly services: WebServices;
  readonly slow: Slow;
}

/** `runs`: the newest of all jobs, newest first. */
export function jobRow(job: Job, runs: readonly RunRecord[], nowMs: number): JobRow {
  const next =
    job.enabled && job.schedule !== undefined ? nextRuns(job.schedule, nowMs, 1)[0] : undefined;
  const lastRuns = runs.filter((run) => run.jobName === job.name);
  return { job, lastRuns, ...(next === undefined ? {} : { nextMs: next }) };
}

export async function jobView({ services, slow }: Sources, job: Job): Promise<JobView> {
  const nowMs = services.clock.now();
  const [runs, endpoints, repositories, inventory] = await Promise.all([
    services.runs.listRuns({ limit: 500 }),
    services.endpoints.list(),
    slow.repositories(),
    slow.inventory(),
  ]);
  const silent = inventory.failures.some(({ endpoint }) => endpoint.id === job.endpointId);
  const here = inventory.vms.filter(({ endpoint }) => endpoint.id === job.endpointId);
  const vms = here.map(({ vm }) => vm);
  const choices = silent ? undefined : selectVms(vms, job.selection, ownMoref(here));
  return {
    ...jobRow(job, runs, nowMs),
    repository: repositories.find(({ id }) => id === job.repositoryId),
    endpointName: endpoints.find(({ id }) => id === job.endpointId)?.name ?? 'gone: choose another',
    coming: job.schedule === undefined ? [] : nextRuns(job.schedule, nowMs, comingCount),
    choices,
    missing: silent ? [] : missingVms(vms, job.selection),
    retention: await retentionView(services, { job, choices: choices ?? [], nowMs }),
    nowMs,
  };
}

export function ownMoref(vms: readonly InventoryVm[]): string | undefined {
  return vms.find(({ own }) => own)?.vm.identity.moref;
}

async function retentionView(
  { points, jobs }: WebServices,
  { job, choices, nowMs }: { job: Job; choices: ReturnType<typeof selectVms>; nowMs: number },
): Promise<RetentionView> {
  const preview = retentionPreview(job, nowMs);
  const times = await points.restorePointTimes();
  const vm = choices.find(
    ({ chosen, vm: { identity } }) => chosen && times.has(vmKey(identity)),
  )?.vm;
  const view = { policy: job.retention, nowMs, ...(preview === undefined ? {} : { preview }) };
  if (vm === undefined) return view;
  const all = await jobs.listJobs();
  const known = (await points.restorePointsOfVm(vm.identity)).filter(
    // A policy is about what its own job made.
    ({ header }) => madeByJob(header.jobName, job, all),
  );
  const marks = await points.restorePointMarks(known.map(({ header }) => header.id));
  const byId = new Map(known.map((point) => [point.header.id, point]));
  const standIns = new StandIns(known);
  const verdicts = decideRetention(
    known.map((point) => ({
      id: point.header.id,
      createdAtMs: point.header.createdAtMs,
      parentId: standIns.parentIdOf(point),
      pinned: marks.get(point.header.id)?.pin !== undefined,
    })),
    job.retention,
  );
  return {
    ...view,
    example: {
      vmName: vm.identity.name,
      verdicts: verdicts
        .slice(0, mostVerdicts)
        .map((verdict) => ({ ...verdict, point: byId.get(verdict.id)! })),
    },
  };
}

/** What the job would leave of one VM after `previewDays` days of its schedule. */
export function retentionPreview(
  job: Pick<Job, 'schedule' | 'retention' | 'maxChainLength'>,
  nowMs: number,
): RetentionPreview | undefined {
  if (job.schedule === undefined) return undefined;
  const endMs = nowMs + previewDays * dayMs;
  const times = nextRuns(job.schedule, nowMs, mostPreviewRuns).filter((time) => time < endMs);
  if (times.length === mostPreviewRuns) return undefined;
  return previewRetention({
    policy: job.retention,
    times,
    maxChainLength: job.maxChainLength,
  });
}
