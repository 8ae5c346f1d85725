import type { Clock } from '#core/clock.ts';
import { toErrorRecord, type ErrorRecord } from '#core/error.ts';
import type { TaskDisk, TaskRecord } from '#core/run.ts';
import type { TaskLog } from '#engine/ports.ts';

import type { OpenRun } from './open-run.ts';

export interface TaskOutcome {
  /** Sentences for people; any makes the task end as "done with warnings". */
  readonly warnings: readonly string[];
  readonly result: Readonly<Record<string, unknown>>;
}

export interface TaskInput {
  readonly task: TaskRecord;
  readonly log: TaskLog;
  readonly signal: AbortSignal;
  readonly onProgress: (disk: TaskDisk) => void;
}

export type ExecuteTask = (input: TaskInput) => Promise<TaskOutcome>;

export interface RunTaskOptions {
  readonly open: OpenRun;
  readonly taskId: string;
  readonly execute: ExecuteTask;
  readonly clock: Clock;
  /** True while the service stops: then an aborted task was interrupted, not cancelled. */
  readonly stopping: () => boolean;
}

/** Carries one task from queued to its end and records it and its run. */
export async function runTask(options: RunTaskOptions): Promise<void> {
  const { open, taskId, execute, clock } = options;
  const { signal } = open.abort;
  if (!signal.aborted) {
    await open.updateTask(taskId, { state: 'running', startedAtMs: clock.now() });
    await open.updateRun(clock.now());
  }
  const log = taskLog(open, taskId);
  const end = await (async (): Promise<Partial<TaskRecord>> => {
    try {
      signal.throwIfAborted();
      const { warnings, result } = await execute({
        task: open.task(taskId),
        log,
        signal,
        onProgress: (disk) => open.progress(taskId, disk),
      });
      return { state: warnings.length === 0 ? 'succeeded' : 'warned', warnings, result };
    } catch (thrown) {
      const error = toErrorRecord(thrown);
      const aborted = signal.aborted;
      if (aborted) log.warn(error.message);
      else for (const sentence of sentences(error)) log.error(sentence);
      if (thrown instanceof Error && error.code === 'internal')
        log.error('This is a fault of coldframe; please report it.', { stack: thrown.stack });
      const state = !aborted ? 'failed' : options.stopping() ? 'interrupted' : 'cancelled';
      return { state, error };
    }
  })();
  await open.updateTask(taskId, { ...end, endedAtMs: clock.now() });
  await open.updateRun(clock.now());
}

/** The error and what lies behind it, for the log that people read; the record keeps all of it. */
function sentences(error: ErrorRecord): string[] {
  const behind = error.cause === undefined ? [] : sentences(error.cause);
  return [error.message, ...behind.filter((text) => text !== error.message)];
}

function taskLog(open: OpenRun, taskId: string): TaskLog {
  const writer =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, details?: Readonly<Record<string, unknown>>): void =>
      open.log.write({ level, message, taskId, ...(details === undefined ? {} : { details }) });
  return { info: writer('info'), warn: writer('warn'), error: writer('error') };
}
