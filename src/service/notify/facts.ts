import type { RepositoryView } from '#core/api.ts';
import type { AlarmFacts } from '#core/alarms.ts';
import type { Clock } from '#core/clock.ts';
import { madeByJob, type Job } from '#core/job.ts';
import type { RestorePointTime } from '#core/restore-point.ts';

import type { JobStore, DamageStore, RestorePointStore, RunStore } from '../ports.ts';
import { nextRuns } from '../schedule/next-runs.ts';
import { spaceOf } from '../web/space.ts';

export interface FactsOptions {
  readonly clock: Clock;
  readonly points: RestorePointStore & DamageStore;
  readonly jobs: Pick<JobStore, 'listJobs'>;
  readonly runs: Pick<RunStore, 'listRuns'>;
  readonly listRepositories: (signal: AbortSignal) => Promise<readonly RepositoryView[]>;
}

const dayMs = 86_400_000;
/** So far back a run is looked for. */
const runsLooked = 1000;
const pointsLooked = 2000;

/** Everything that alarms are judged by, from the catalog alone but for the repositories' space. */
export async function gatherFacts(options: FactsOptions, signal: AbortSignal): Promise<AlarmFacts> {
  const { clock, points, jobs, runs, listRepositories } = options;
  const nowMs = clock.now();
  const [allJobs, times, recentRuns, recentPoints, repositories] = await Promise.all([
    jobs.listJobs(),
    points.restorePointTimes(),
    runs.listRuns({ limit: runsLooked }),
    points.listRestorePoints({ limit: pointsLooked }),
    listRepositories(signal),
  ]);
  const oldestPointMs = Math.min(
    ...[...times.values()].map((ofVm) => ofVm.at(-1)?.createdAtMs ?? nowMs),
  );
  const lastVerify = recentRuns.find(
    ({ kind, state }) => kind === 'verify' && (state === 'succeeded' || state === 'warned'),
  );
  return {
    ...(await vmFacts(options, { jobs: allJobs, times })),
    jobs: allJobs.map((job) => {
      const missedMs = missed(job, recentRuns, nowMs);
      return { id: job.id, name: job.name, ...(missedMs === undefined ? {} : { missedMs }) };
    }),
    ...(times.size === 0
      ? {}
      : {
          verified: {
            oldestPointMs,
            ...(lastVerify === undefined ? {} : { lastMs: lastVerify.createdAtMs }),
          },
        }),
    repositories: spaceOf(repositories, recentPoints, nowMs).map(({ repository, daysToFull }) => ({
      id: repository.id,
      name: repository.name,
      ...(daysToFull === undefined ? {} : { daysToFull }),
    })),
  };
}

/** Late are only VMs whose newest restore point was made by a job that is still there and enabled. */
async function vmFacts(
  { points }: FactsOptions,
  known: {
    readonly jobs: readonly Job[];
    readonly times: ReadonlyMap<string, readonly RestorePointTime[]>;
  },
): Promise<Pick<AlarmFacts, 'vms' | 'damaged'>> {
  const enabled = known.jobs.filter((job) => job.enabled);
  const bad = await points.damagedPoints();
  const vms: AlarmFacts['vms'][number][] = [];
  const damaged: AlarmFacts['damaged'][number][] = [];
  for (const [key, ofVm] of known.times) {
    const newest = ofVm[0];
    const point = newest === undefined ? undefined : await points.getRestorePoint(newest.id);
    if (point === undefined) continue;
    const { vm, jobName } = point.header;
    const good = ofVm.filter(({ id }) => !bad.has(id));
    const count = ofVm.length - good.length;
    if (count > 0) damaged.push({ key, name: vm.name, count });
    if (!enabled.some((job) => madeByJob(jobName, job, known.jobs))) continue;
    vms.push({
      key,
      name: vm.name,
      ...(good[0] === undefined ? {} : { newestGoodMs: good[0].createdAtMs }),
    });
  }
  return { vms, damaged };
}

/** A run that began up to this much before its time is the one; clocks are set. */
const earlyMs = 60_000;

/** The newest time of the last days that led to no run. */
function missed(
  job: Job,
  runs: readonly { readonly jobName: string | null; readonly createdAtMs: number }[],
  nowMs: number,
): number | undefined {
  if (!job.enabled || job.schedule === undefined) return undefined;
  const due = newestDue(job, nowMs);
  if (due === undefined) return undefined;
  const ran = runs.some(
    ({ jobName, createdAtMs }) => jobName === job.name && createdAtMs >= due - earlyMs,
  );
  return ran ? undefined : due;
}

function newestDue(job: Job, nowMs: number): number | undefined {
  for (const days of [1, 8, 32]) {
    const fromMs = Math.max(job.createdAtMs, nowMs - days * dayMs);
    // Enough for a job of every two minutes in a day; one that comes oftener is seen a day late.
    const past = nextRuns(job.schedule!, fromMs, 720).filter((timeMs) => timeMs <= nowMs);
    if (past.length > 0) return past.at(-1);
  }
  return undefined;
}
