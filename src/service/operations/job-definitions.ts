import type { JobView } from '#core/api.ts';
import type { Clock, IdSource } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';
import type { Job } from '#core/job.ts';
import type { RunRecord } from '#core/run.ts';

import type { JobStore, RunStore } from '../ports.ts';
import { checkSchedule, nextRuns } from '../schedule/next-runs.ts';
import type { JobChange, JobSettings, NewJob } from './job-schema.ts';
import { runJob, type JobRunOptions } from './jobs.ts';
import { checkNewName, jobWords, pick } from './pick.ts';

export interface JobDefinitionOptions extends JobRunOptions {
  readonly jobs: JobStore;
  readonly runs: Pick<RunStore, 'listRuns' | 'unfinishedRuns'>;
  readonly clock: Clock;
  readonly ids: IdSource;
}

export interface JobDefinitions {
  list(): Promise<readonly JobView[]>;
  show(wanted: string): Promise<JobView>;
  /** By id or name. */
  find(wanted: string): Promise<Job>;
  add(wanted: NewJob): Promise<JobView>;
  change(wanted: string, change: JobChange): Promise<JobView>;
  /** Its restore points stay. */
  remove(wanted: string): Promise<void>;
  /** Times of the coming runs, epoch ms; as if it were not paused. */
  next(wanted: string, count: number): Promise<readonly number[]>;
  /** Throws 'busy' while its last run has not ended. */
  run(wanted: string, signal: AbortSignal): Promise<RunRecord>;
}

/** How many runs back a job's last one is looked for. */
const runsLookedAt = 500;

export function createJobDefinitions(options: JobDefinitionOptions): JobDefinitions {
  const { jobs, runs, clock, ids, endpoints, repositories } = options;
  const find = async (wanted: string): Promise<Job> =>
    pick(await jobs.listJobs(), wanted, jobWords);
  const check = async (id: string, settings: JobSettings): Promise<void> => {
    const others = (await jobs.listJobs()).filter((other) => other.id !== id);
    checkNewName(others, settings.name, jobWords);
    const heir = others.find(({ formerNames }) => formerNames?.includes(settings.name));
    if (heir !== undefined)
      throw new ColdframeError(
        'invalid-input',
        `"${settings.name}" is what job "${heir.name}" was called, and restore points say so. Choose another name.`,
      );
    if (settings.schedule !== undefined) checkSchedule(settings.schedule, clock.now());
  };
  const view = (job: Job, newestRuns: readonly RunRecord[]): JobView => {
    const lastRun = newestRuns.find(({ jobName }) => jobName === job.name);
    const [nextMs] =
      job.enabled && job.schedule !== undefined ? nextRuns(job.schedule, clock.now(), 1) : [];
    return {
      job,
      ...(nextMs === undefined ? {} : { nextMs }),
      ...(lastRun === undefined ? {} : { lastRun }),
    };
  };
  const newestRuns = (): Promise<readonly RunRecord[]> => runs.listRuns({ limit: runsLookedAt });
  const saved = async (id: string): Promise<JobView> =>
    view(pick(await jobs.listJobs(), id, jobWords), await newestRuns());

  return {
    find,
    async list() {
      const newest = await newestRuns();
      return (await jobs.listJobs()).map((job) => view(job, newest));
    },
    async show(wanted) {
      return view(await find(wanted), await newestRuns());
    },
    async add({ endpoint, repository, ...rest }) {
      const id = ids.next();
      const settings: JobSettings = {
        ...rest,
        endpointId: (await endpoints.find(endpoint)).id,
        repositoryId: (await repositories.find(repository)).id,
      };
      await check(id, settings);
      await jobs.saveJob({ ...settings, id, createdAtMs: clock.now() });
      return saved(id);
    },
    async change(wanted, { endpoint, repository, schedule, ...rest }) {
      const { id, ...old } = await find(wanted);
      const { schedule: oldSchedule, ...others } = { ...old, ...rest };
      const wantedSchedule = schedule === undefined ? oldSchedule : schedule;
      const changed: Job = {
        ...others,
        id,
        ...(wantedSchedule === undefined || wantedSchedule === null
          ? {}
          : { schedule: wantedSchedule }),
        ...(endpoint === undefined ? {} : { endpointId: (await endpoints.find(endpoint)).id }),
        ...(repository === undefined
          ? {}
          : { repositoryId: (await repositories.find(repository)).id }),
      };
      await check(id, changed);
      await jobs.saveJob(changed);
      return saved(id);
    },
    async remove(wanted) {
      await jobs.removeJob((await find(wanted)).id);
    },
    async next(wanted, count) {
      const { schedule } = await find(wanted);
      return schedule === undefined ? [] : nextRuns(schedule, clock.now(), count);
    },
    async run(wanted, signal) {
      const job = await find(wanted);
      const unended = (await runs.unfinishedRuns()).find(({ jobName }) => jobName === job.name);
      if (unended !== undefined)
        throw new ColdframeError(
          'busy',
          `Job ${job.name} is still running. Follow it with: coldframe run show ${unended.id} --follow`,
        );
      return runJob(options, job, signal);
    },
  };
}
