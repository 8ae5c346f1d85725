import type { RunRecord, TaskRecord } from '#core/run.ts';

import type { RunStore } from '../ports.ts';
import type { Family, Sample } from './exposition.ts';

/** So far back a scrape looks for runs that have ended since the one before. */
const runsLooked = 500;

/** What has ended since the service started, added up at each scrape. */
export class RunCounters {
  readonly #runs: Pick<RunStore, 'listRuns' | 'tasksOfRun'>;
  readonly #tasks = new Map<string, number>();
  readonly #seconds = new Map<string, number>();
  readonly #bytes = { read: 0, stored: 0 };
  #warnings = 0;
  /** Ended runs that have been counted; their times alone would not tell two of one moment apart. */
  readonly #counted = new Set<string>();
  readonly #sinceMs: number;

  constructor(runs: Pick<RunStore, 'listRuns' | 'tasksOfRun'>, sinceMs: number) {
    this.#runs = runs;
    this.#sinceMs = sinceMs;
  }

  async families(): Promise<readonly Family[]> {
    const recent = await this.#runs.listRuns({ limit: runsLooked });
    for (const run of recent) {
      if ((run.endedAtMs ?? 0) <= this.#sinceMs || this.#counted.has(run.id)) continue;
      this.#counted.add(run.id);
      this.#add(run, await this.#runs.tasksOfRun(run.id));
    }
    // What is no longer looked at need not be remembered.
    const looked = new Set(recent.map(({ id }) => id));
    for (const id of this.#counted) if (!looked.has(id)) this.#counted.delete(id);
    return [
      {
        name: 'coldframe_tasks_total',
        type: 'counter',
        help: 'Tasks (one VM in a run) that have ended since the service started.',
        samples: samplesOf(this.#tasks),
      },
      {
        name: 'coldframe_task_seconds_total',
        type: 'counter',
        help: 'Seconds that these tasks took.',
        samples: samplesOf(this.#seconds),
      },
      total(
        'coldframe_read_bytes_total',
        'Bytes of disks that backups have read.',
        this.#bytes.read,
      ),
      total(
        'coldframe_stored_bytes_total',
        'Bytes that backups have written into archives.',
        this.#bytes.stored,
      ),
      total('coldframe_task_warnings_total', 'Warnings of these tasks.', this.#warnings),
    ];
  }

  #add(run: RunRecord, tasks: readonly TaskRecord[]): void {
    for (const { kind, state, startedAtMs, endedAtMs, disks, warnings } of tasks) {
      bump(this.#tasks, `${kind} ${state}`, 1);
      const tookMs = (endedAtMs ?? 0) - (startedAtMs ?? endedAtMs ?? 0);
      bump(this.#seconds, `${kind} ${state}`, tookMs / 1000);
      this.#warnings += warnings.length;
      if (run.kind !== 'backup') continue;
      for (const { doneBytes, storedBytes } of disks) {
        this.#bytes.read += doneBytes;
        this.#bytes.stored += storedBytes;
      }
    }
  }
}

function bump(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function samplesOf(counts: ReadonlyMap<string, number>): readonly Sample[] {
  return [...counts].map(([key, value]) => {
    const [kind = '', state = ''] = key.split(' ');
    return { labels: { kind, state }, value };
  });
}

function total(name: string, help: string, value: number): Family {
  return { name, type: 'counter', help, samples: [{ value }] };
}
