import type { Clock, IdSource } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';
import { isEnded, stateOfTasks, type RunKind, type RunRecord, type TaskRecord } from '#core/run.ts';

import type { RunLogs } from '../log/run-logs.ts';
import type { RunStore } from '../ports.ts';
import type { RunEvents } from './run-events.ts';
import { OpenRun } from './open-run.ts';
import { runTask, type ExecuteTask } from './run-task.ts';

export interface RunQueueOptions {
  readonly store: RunStore;
  readonly logs: RunLogs;
  readonly events: RunEvents;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Tasks at the same time. */
  readonly limit: number;
  readonly execute: ExecuteTask;
  /** What to do with an error that is nobody's answer. */
  readonly onError: (message: string, error: unknown) => void;
}

export interface RunOrder {
  readonly kind: RunKind;
  readonly title: string;
  readonly jobName: string | null;
  readonly tasks: readonly {
    readonly subject: string;
    /** Tasks with one and the same value never run together: a VM has one snapshot of ours at a time. */
    readonly exclusive: string;
    readonly request: Readonly<Record<string, unknown>>;
  }[];
}

interface QueuedTask {
  readonly open: OpenRun;
  readonly taskId: string;
  readonly exclusive: string;
}

/** Runs orders: first come, first served, as many tasks at once as allowed. */
export class RunQueue {
  readonly #options: RunQueueOptions;
  readonly #open = new Map<string, OpenRun>();
  readonly #busy = new Set<string>();
  readonly #underWay = new Set<Promise<void>>();
  #waiting: QueuedTask[] = [];
  #onTaskEnd: (task: TaskRecord) => void = () => undefined;
  #stopping = false;
  #started = false;

  constructor(options: RunQueueOptions) {
    this.#options = options;
  }

  load(): { readonly running: number; readonly queued: number } {
    return { running: this.#underWay.size, queued: this.#waiting.length };
  }

  /** From here on tasks run; before, orders only wait. */
  start(): void {
    this.#started = true;
    this.#fill();
  }

  /** Calls `listener` with every task that has ended, its record final and none of its work left. */
  onTaskEnd(listener: (task: TaskRecord) => void): void {
    this.#onTaskEnd = listener;
  }

  /** Ids of tasks whose journal entries are nobody else's business. */
  runningTaskIds(): ReadonlySet<string> {
    const running = this.unendedTasks().filter(({ state }) => state === 'running');
    return new Set(running.map(({ id }) => id));
  }

  /** Running and waiting ones. */
  unendedTasks(): readonly TaskRecord[] {
    const tasks = [...this.#open.values()].flatMap((open) => open.view().tasks);
    return tasks.filter(({ state }) => !isEnded(state));
  }

  /** Recorded before it resolves; runs by itself from then on. */
  async submit(order: RunOrder): Promise<RunRecord> {
    if (this.#stopping)
      throw new ColdframeError('busy', 'The service is stopping and takes no orders.');
    const { store, logs, events, clock, ids } = this.#options;
    const runId = ids.next();
    const createdAtMs = clock.now();
    const tasks = order.tasks.map(({ subject, request }): TaskRecord => ({
      id: ids.next(),
      runId,
      kind: order.kind,
      subject,
      request,
      state: 'queued',
      createdAtMs,
      disks: [],
      warnings: [],
    }));
    const run: RunRecord = {
      id: runId,
      kind: order.kind,
      title: order.title,
      jobName: order.jobName,
      state: 'queued',
      createdAtMs,
      taskIds: tasks.map(({ id }) => id),
    };
    await store.saveRun(run, tasks);
    const log = await logs.open(runId);
    const open = new OpenRun({ run, tasks, store, events, log });
    this.#open.set(runId, open);
    for (const [i, task] of tasks.entries())
      this.#waiting.push({ open, taskId: task.id, exclusive: order.tasks[i]!.exclusive });
    this.#fill();
    return run;
  }

  /** Asks a run to stop; it ends when its tasks have cleaned up. */
  async cancel(runId: string): Promise<RunRecord> {
    const open = this.#open.get(runId);
    if (open === undefined) {
      const run = await this.#options.store.getRun(runId);
      if (run === undefined)
        throw new ColdframeError('not-found', `There is no run ${runId}. See: coldframe run list`);
      throw new ColdframeError('not-eligible', `Run ${runId} has already ended (${run.state}).`);
    }
    open.abort.abort(new ColdframeError('cancelled', 'Cancelled on request.'));
    this.#fill();
    return open.run;
  }

  /** Runs that a former process left behind are over: their tasks were interrupted. */
  async markInterrupted(): Promise<number> {
    const { store, clock } = this.#options;
    const left = (await store.unfinishedRuns()).filter(({ id }) => !this.#open.has(id));
    for (const run of left) {
      const endedAtMs = clock.now();
      const tasks = (await store.tasksOfRun(run.id)).map((task) =>
        isEnded(task.state) ? task : interrupted(task, endedAtMs),
      );
      const state = stateOfTasks(tasks.map((task) => task.state));
      await store.saveRun({ ...run, state, endedAtMs }, tasks);
    }
    return left.length;
  }

  /** Takes no more orders, asks every task to stop and waits until `signal` says enough. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopping = true;
    for (const open of this.#open.values())
      open.abort.abort(new ColdframeError('cancelled', 'The service is stopping.'));
    this.#fill();
    const late = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => late.resolve(), { once: true });
    while (this.#underWay.size > 0 && !signal.aborted)
      await Promise.race([Promise.all(this.#underWay), late.promise]);
  }

  #fill(): void {
    const kept: QueuedTask[] = [];
    for (const queued of this.#waiting) {
      // A cancelled task takes no slot: it only ends.
      const cancelled = queued.open.abort.signal.aborted;
      const free =
        this.#started &&
        this.#underWay.size < this.#options.limit &&
        !this.#busy.has(queued.exclusive);
      if (cancelled) this.#start(queued, undefined);
      else if (free) this.#start(queued, queued.exclusive);
      else kept.push(queued);
    }
    this.#waiting = kept;
  }

  #start({ open, taskId }: QueuedTask, exclusive: string | undefined): void {
    const { execute, clock, onError } = this.#options;
    if (exclusive !== undefined) this.#busy.add(exclusive);
    const work = runTask({ open, taskId, execute, clock, stopping: () => this.#stopping })
      .catch((error: unknown) => onError(`Run ${open.run.id} could not be recorded.`, error))
      .then(() => this.#onTaskEnd(open.task(taskId)))
      .then(() => this.#close(open))
      .finally(() => {
        this.#underWay.delete(work);
        if (exclusive !== undefined) this.#busy.delete(exclusive);
        this.#fill();
      });
    this.#underWay.add(work);
  }

  async #close(open: OpenRun): Promise<void> {
    if (open.finished && this.#open.delete(open.run.id)) await open[Symbol.asyncDispose]();
  }

  /** The records of a run that is under way, fresher than the store's. */
  view(runId: string): ReturnType<OpenRun['view']> | undefined {
    return this.#open.get(runId)?.view();
  }
}

function interrupted(task: TaskRecord, endedAtMs: number): TaskRecord {
  return {
    ...task,
    state: 'interrupted',
    endedAtMs,
    error: {
      code: 'process-died',
      message:
        'The service ended before this task did. What it had begun was undone; run it again.',
    },
  };
}
