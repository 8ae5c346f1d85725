import {
  isEnded,
  stateOfTasks,
  type RunRecord,
  type TaskDisk,
  type TaskRecord,
} from '#core/run.ts';

import type { RunLog } from '../log/run-logs.ts';
import type { RunStore } from '../ports.ts';
import type { RunEvents } from './run-events.ts';

export interface OpenRunOptions {
  readonly run: RunRecord;
  readonly tasks: readonly TaskRecord[];
  readonly store: RunStore;
  readonly events: RunEvents;
  readonly log: RunLog;
}

/** A run from its order to its end: the records, and everybody who follows them. */
export class OpenRun implements AsyncDisposable {
  readonly abort = new AbortController();
  readonly log: RunLog;
  readonly #options: OpenRunOptions;
  readonly #tasks: Map<string, TaskRecord>;
  #run: RunRecord;

  constructor(options: OpenRunOptions) {
    this.#options = options;
    this.#run = options.run;
    this.#tasks = new Map(options.tasks.map((task) => [task.id, task]));
    this.log = options.log;
    options.events.publish(this.#run.id, { type: 'run', run: this.#run });
  }

  get run(): RunRecord {
    return this.#run;
  }

  task(id: string): TaskRecord {
    return this.#tasks.get(id)!;
  }

  async updateTask(id: string, change: Partial<TaskRecord>): Promise<TaskRecord> {
    const task = { ...this.task(id), ...change };
    this.#tasks.set(id, task);
    this.#options.events.publish(this.#run.id, { type: 'task', task });
    await this.#options.store.saveTask(task);
    return task;
  }

  /** Progress is seen live and kept with the task's next record: not worth a synced write each. */
  progress(taskId: string, disk: TaskDisk): void {
    const task = this.task(taskId);
    const disks = [...task.disks.filter(({ label }) => label !== disk.label), disk];
    this.#tasks.set(taskId, {
      ...task,
      disks: disks.toSorted((a, b) => a.label.localeCompare(b.label)),
    });
    this.#options.events.publish(this.#run.id, { type: 'progress', taskId, disk });
  }

  /** The records as they stand, fresher than the store's. */
  view(): { readonly run: RunRecord; readonly tasks: readonly TaskRecord[] } {
    return { run: this.#run, tasks: [...this.#tasks.values()] };
  }

  get finished(): boolean {
    return [...this.#tasks.values()].every(({ state }) => isEnded(state));
  }

  /** Follows from the tasks: running with the first that runs, ended with the last. */
  async updateRun(nowMs: number): Promise<RunRecord> {
    const states = [...this.#tasks.values()].map(({ state }) => state);
    if (isEnded(this.#run.state)) return this.#run;
    if (this.finished) this.#run = { ...this.#run, state: stateOfTasks(states), endedAtMs: nowMs };
    else if (this.#run.state === 'queued')
      this.#run = { ...this.#run, state: 'running', startedAtMs: nowMs };
    else return this.#run;
    await this.#options.store.saveRun(this.#run);
    this.#options.events.publish(this.#run.id, { type: 'run', run: this.#run });
    return this.#run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.events.end(this.#run.id);
    await this.log[Symbol.asyncDispose]();
  }
}
