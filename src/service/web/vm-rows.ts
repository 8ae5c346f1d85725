import type { Job } from '#core/job.ts';
import type { RestorePointTime } from '#core/restore-point.ts';
import { selectVms } from '#core/select-vms.ts';
import { vmKey } from '#core/vm.ts';

import { nextRuns } from '../schedule/next-runs.ts';
import type { Inventory, InventoryVm } from './inventory.ts';
import { defaultPeriodMs, protectionOf, type Protection } from './protection.ts';

/** One VM with everything that lists say of it. */
export interface VmRow extends InventoryVm {
  readonly protection: Protection;
  /** False for templates and the appliance itself: nobody expects restore points of them. */
  readonly expected: boolean;
  /** Jobs that choose it, paused ones too. */
  readonly jobs: readonly Job[];
  readonly nextMs?: number;
  /** Newest first. */
  readonly points: readonly RestorePointTime[];
}

export interface VmRowFacts {
  readonly inventory: Inventory;
  readonly times: ReadonlyMap<string, readonly RestorePointTime[]>;
  readonly jobs: readonly Job[];
  readonly nowMs: number;
}

interface Coming {
  readonly nextMs?: number;
  readonly periodMs?: number;
}

/** In the order of the inventory. */
export function vmRows({ inventory, times, jobs, nowMs }: VmRowFacts): readonly VmRow[] {
  const jobsOf = new Map<string, Job[]>();
  const coming = new Map(jobs.map((job) => [job.id, comingOf(job, nowMs)]));
  for (const job of jobs) {
    const here = inventory.vms.filter(({ endpoint }) => endpoint.id === job.endpointId);
    const choices = selectVms(
      here.map(({ vm }) => vm),
      job.selection,
      here.find(({ own }) => own)?.vm.identity.moref,
    );
    for (const { vm, chosen } of choices) {
      if (!chosen) continue;
      const key = vmKey(vm.identity);
      jobsOf.set(key, [...(jobsOf.get(key) ?? []), job]);
    }
  }
  return inventory.vms.map(({ endpoint, vm, own }): VmRow => {
    const key = vmKey(vm.identity);
    const [mine, points] = [jobsOf.get(key) ?? [], times.get(key) ?? []];
    const theirs = mine.map((job) => coming.get(job.id) ?? {});
    const next = least(theirs.map(({ nextMs }) => nextMs));
    const period = least(theirs.map(({ periodMs }) => periodMs)) ?? defaultPeriodMs;
    return {
      endpoint,
      vm,
      own,
      expected: !own && !vm.template,
      jobs: mine,
      points,
      protection: protectionOf(points[0]?.createdAtMs, nowMs, period),
      ...(next === undefined ? {} : { nextMs: next }),
    };
  });
}

/** The longest gap among the coming runs counts: a job of working days rests over the weekend. */
function comingOf(job: Job, nowMs: number): Coming {
  if (!job.enabled || job.schedule === undefined) return {};
  const [first, ...rest] = nextRuns(job.schedule, nowMs, 8);
  if (first === undefined) return {};
  let [before, periodMs] = [first, 0];
  for (const time of rest) {
    periodMs = Math.max(periodMs, time - before);
    before = time;
  }
  // Even a job of every minute has a day before its VMs count as late.
  return { nextMs: first, periodMs: Math.max(periodMs, defaultPeriodMs) };
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
