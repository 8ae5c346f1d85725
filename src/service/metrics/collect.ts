import type { RepositoryView } from '#core/api.ts';
import type { Clock } from '#core/clock.ts';
import { version } from '#core/version.ts';

import type { NotifyStore } from '../notify/store.ts';
import type {
  JobStore,
  DamageStore,
  RestorePointStore,
  RunStore,
  ServiceJournal,
} from '../ports.ts';
import type { Family, Sample } from './exposition.ts';
import type { RunCounters } from './run-counters.ts';

export interface MetricsOptions {
  readonly clock: Clock;
  readonly applianceId: string;
  readonly points: RestorePointStore & DamageStore;
  readonly jobs: Pick<JobStore, 'listJobs'>;
  readonly runs: Pick<RunStore, 'listRuns'>;
  readonly journal: Pick<ServiceJournal, 'open'>;
  readonly notices: Pick<NotifyStore, 'standingAlarms' | 'postings'>;
  readonly load: () => { readonly running: number; readonly queued: number };
  readonly listRepositories: (signal: AbortSignal) => Promise<readonly RepositoryView[]>;
  readonly counters: RunCounters;
}

/** Everything that monitoring reads, looked up now. */
export async function collectMetrics(
  options: MetricsOptions,
  signal: AbortSignal,
): Promise<readonly Family[]> {
  const { applianceId, load, journal, notices, counters, listRepositories } = options;
  const [vms, jobs, entries, alarms, postings, repositories, counted] = await Promise.all([
    newestGoodPoints(options),
    lastRuns(options),
    journal.open(),
    notices.standingAlarms(),
    notices.postings(),
    listRepositories(signal),
    counters.families(),
  ]);
  const { running, queued } = load();
  const stuck = entries.filter(({ lastFailure }) => lastFailure !== undefined).length;
  const memory = process.memoryUsage().rss;
  const cpu = process.cpuUsage();
  return [
    gauge('coldframe_info', 'Which coldframe this is.', [
      { labels: { version, appliance: applianceId }, value: 1 },
    ]),
    gauge(
      'coldframe_vm_newest_good_restore_point_timestamp_seconds',
      'When the newest restore point without known damage of a VM was made.',
      vms,
    ),
    ...jobs,
    gauge('coldframe_tasks_running', 'Tasks under way.', [{ value: running }]),
    gauge('coldframe_tasks_queued', 'Tasks that wait for their turn.', [{ value: queued }]),
    gauge('coldframe_journal_open_entries', 'Side effects that are still to be undone.', [
      { value: entries.length },
    ]),
    gauge('coldframe_journal_stuck_entries', 'Of these, that could not be undone when tried.', [
      { value: stuck },
    ]),
    gauge(
      'coldframe_alarms',
      'Alarms that stand.',
      [...Map.groupBy(alarms, ({ kind }) => kind)].map(([kind, of]) => ({
        labels: { kind },
        value: of.length,
      })),
    ),
    gauge('coldframe_notices_waiting', 'Notices that could not be delivered yet.', [
      { value: postings.length },
    ]),
    ...repositoryFamilies(repositories),
    ...counted,
    gauge('process_resident_memory_bytes', 'Memory of the service, without its movers.', [
      { value: memory },
    ]),
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'CPU time of the service, without its movers.',
      samples: [{ value: (cpu.user + cpu.system) / 1e6 }],
    },
  ];
}

/** VMs of one name differ by their uuid. */
async function newestGoodPoints({ points }: MetricsOptions): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const damaged = await points.damagedPoints();
  for (const times of (await points.restorePointTimes()).values()) {
    const good = times.find(({ id }) => !damaged.has(id));
    const newest = times[0] === undefined ? undefined : await points.getRestorePoint(times[0].id);
    if (newest === undefined) continue;
    const { name, instanceUuid } = newest.header.vm;
    // A VM with nothing good is as old as time itself.
    const value = (good?.createdAtMs ?? 0) / 1000;
    samples.push({ labels: { vm: name, uuid: instanceUuid }, value });
  }
  return samples;
}

const runsLooked = 500;

async function lastRuns({ jobs, runs }: MetricsOptions): Promise<readonly Family[]> {
  const [all, recent] = await Promise.all([jobs.listJobs(), runs.listRuns({ limit: runsLooked })]);
  const last = all.flatMap((job) => {
    const run = recent.find((r) => r.jobName === job.name && r.endedAtMs !== undefined);
    return run === undefined ? [] : [{ labels: { job: job.name }, run }];
  });
  return [
    gauge(
      'coldframe_job_last_run_timestamp_seconds',
      'When the last run of a job ended.',
      last.map(({ labels, run }) => ({ labels, value: run.endedAtMs! / 1000 })),
    ),
    gauge(
      'coldframe_job_last_run_duration_seconds',
      'How long it took.',
      last.map(({ labels, run }) => ({
        labels,
        value: (run.endedAtMs! - (run.startedAtMs ?? run.createdAtMs)) / 1000,
      })),
    ),
    gauge(
      'coldframe_job_last_run_good',
      '1: it ended well, perhaps with warnings.',
      last.map(({ labels, run }) => ({
        labels,
        value: run.state === 'succeeded' || run.state === 'warned' ? 1 : 0,
      })),
    ),
  ];
}

function repositoryFamilies(repositories: readonly RepositoryView[]): readonly Family[] {
  const known = (value: (r: RepositoryView) => number | undefined): Sample[] =>
    repositories.flatMap((r) => {
      const number = value(r);
      return number === undefined ? [] : [{ labels: { repository: r.name }, value: number }];
    });
  return [
    gauge(
      'coldframe_repository_usable',
      '1: its folder is there, marked and writable.',
      known(({ error }) => (error === undefined ? 1 : 0)),
    ),
    gauge(
      'coldframe_repository_free_bytes',
      'Free space.',
      known(({ freeBytes }) => freeBytes),
    ),
    gauge(
      'coldframe_repository_size_bytes',
      'All space.',
      known(({ totalBytes }) => totalBytes),
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'gauge', help, samples };
}
