import type { ColdframeError } from '#core/error.ts';
import { cancelled, withDeadline } from '#core/deadline.ts';
import { faultError, faultOf } from './fault.ts';
import { backOffMs } from './repeat.ts';
import type { TaskWait } from './task-watcher.ts';
import { at, morefAt, required, textAt, type VimObject, type VimValue, morefOf } from './value.ts';
import type { Vim } from './vim.ts';

export interface TaskOptions extends TaskWait {
  /** Absent = as long as it takes. */
  readonly deadlineMs?: number;
  /** How long to try again while the object is busy with something else. */
  readonly busyPatienceMs?: number;
}

const defaultPatienceMs = 2 * 60_000;

/**
 * Starts a `…_Task` operation and waits for its end; returns the task's result. A refusal
 * because of TaskInProgress has changed nothing and is tried again. Any other
 * failure is not: where soap-error.ts calls the outcome unknown the caller looks for the effect.
 */
export async function runTask(
  vim: Vim,
  operation: string,
  parameters: VimObject,
  options: TaskOptions,
): Promise<VimValue | undefined> {
  const { deadlineMs, signal } = options;
  if (deadlineMs === undefined) return repeatWhileBusy(vim, operation, parameters, options);
  const { clock } = vim.connection;
  return withDeadline(clock, { signal, ms: deadlineMs, what: operation }, (both) =>
    repeatWhileBusy(vim, operation, parameters, { ...options, signal: both }),
  );
}

async function repeatWhileBusy(
  vim: Vim,
  operation: string,
  parameters: VimObject,
  options: TaskOptions,
): Promise<VimValue | undefined> {
  const { clock } = vim.connection;
  const patientUntil = clock.now() + (options.busyPatienceMs ?? defaultPatienceMs);
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(vim, operation, parameters, options);
    } catch (error) {
      if (options.signal.aborted) throw cancelled(operation, options.signal);
      if (faultOf(error) !== 'TaskInProgress' || clock.now() >= patientUntil) throw error;
      await clock.sleep(backOffMs(attempt), options.signal);
    }
  }
}

async function runOnce(
  vim: Vim,
  operation: string,
  parameters: VimObject,
  options: TaskOptions,
): Promise<VimValue | undefined> {
  const started = await vim.connection.call(operation, parameters, { signal: options.signal });
  const task = required(morefOf(started), `vim task of ${operation}`);
  const end = await vim.tasks.wait(task, options);
  if (end.state === 'success') return end.result;
  throw taskError(end.error, operation, parameters);
}

function taskError(
  error: VimValue | undefined,
  operation: string,
  parameters: VimObject,
): ColdframeError {
  const calledOn = morefAt(parameters, '_this');
  return faultError(at(error, 'fault'), textAt(error, 'localizedMessage') ?? '', {
    method: operation,
    ...(calledOn === undefined ? {} : { object: calledOn.value, calledOn }),
  });
}
