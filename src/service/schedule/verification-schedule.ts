import type { Clock } from '#core/clock.ts';
import type { RepositoryConfig, VerificationPlan } from '#core/config.ts';
import type { RunRecord } from '#core/run.ts';

import type { ServiceLog } from '../log/logger.ts';
import type { RepositoryStore, RunStore } from '../ports.ts';
import { runScheduler, type ScheduledJobs } from './scheduler.ts';

export interface VerificationScheduleOptions {
  readonly clock: Clock;
  readonly repositories: Pick<RepositoryStore, 'listRepositories'>;
  readonly jobs: Pick<ScheduledJobs, 'lastScheduledMs' | 'setLastScheduledMs'>;
  readonly runs: Pick<RunStore, 'unfinishedRuns'>;
  readonly start: (repository: RepositoryConfig, plan: VerificationPlan) => Promise<RunRecord>;
  readonly log: ServiceLog;
}

/** Verifies repositories by their plans until it is disposed. */
export function startVerificationSchedule(options: VerificationScheduleOptions): AsyncDisposable {
  const { clock, repositories, jobs, runs, start, log } = options;
  const stop = new AbortController();
  const keyOf = (id: string): string => `verify ${id}`;
  const started = new Map<string, string>();
  const work = runScheduler({
    clock,
    signal: stop.signal,
    log: {
      info: (message) => log.log('info', message),
      warn: (message) => log.log('warn', message),
    },
    jobs: {
      lastScheduledMs: (id) => jobs.lastScheduledMs(keyOf(id)),
      setLastScheduledMs: (id, epochMs) => jobs.setLastScheduledMs(keyOf(id), epochMs),
      listJobs: async () =>
        (await repositories.listRepositories()).flatMap((repository) => {
          const { id, name, addedAtMs, verification: plan } = repository;
          if (plan === undefined) return [];
          const { schedule } = plan;
          const named = { id, name: `verification of ${name}`, enabled: true, schedule };
          return [{ ...named, createdAtMs: addedAtMs, repository, plan }];
        }),
    },
    async start({ id, repository, plan }) {
      const before = started.get(id);
      if ((await runs.unfinishedRuns()).some((run) => run.id === before)) return false;
      started.set(id, (await start(repository, plan)).id);
      return true;
    },
  }).catch((error: unknown) =>
    log.log('error', 'The schedule of verifications stopped.', { error }),
  );
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await work;
    },
  };
}
