import { ColdframeError } from '#core/error.ts';
import type { Moref } from '#core/vm.ts';
import { withDeadline } from './deadline.ts';
import { readFiltered, readObject } from './properties.ts';
import { outcomeUnknown } from './soap-error.ts';
import { asList, isMoref } from './value.ts';
import type { Vim } from './vim.ts';

/*
 * Calls that change something are never blindly repeated. When their outcome is
 * unknown, the caller waits for what the object is busy with and looks for the effect.
 */

/** No answer, or a task that vSphere forgot before we saw its end. */
export function mayHaveHappened(error: unknown): boolean {
  return (
    outcomeUnknown(error) ||
    (error instanceof ColdframeError && error.details['outcome'] === 'unknown')
  );
}

export interface AwaitTasksOptions {
  readonly signal: AbortSignal;
  /** Absent = as long as it takes. */
  readonly deadlineMs?: number;
}

/**
 * Waits for the vim tasks that an object is busy with, however they end. After a
 * lost answer this is how to know that the call, if it arrived, has had its effect.
 */
export async function awaitRunningTasks(
  vim: Vim,
  object: Moref,
  { signal, deadlineMs }: AwaitTasksOptions,
): Promise<void> {
  const wait = async (both: AbortSignal): Promise<void> => {
    for (const task of await runningTasks(vim, object, both))
      await vim.tasks.wait(task, { signal: both });
  };
  if (deadlineMs === undefined) return wait(signal);
  const what = `Waiting for the vim tasks of ${object.value}`;
  return withDeadline(vim.connection.clock, { signal, ms: deadlineMs, what }, wait);
}

async function runningTasks(
  vim: Vim,
  object: Moref,
  signal: AbortSignal,
): Promise<readonly Moref[]> {
  const { values } = await readObject(vim.connection, object, { paths: ['recentTask'], signal });
  const recent = asList(values['recentTask']).filter(isMoref);
  if (recent.length === 0) return [];
  const states = await readFiltered(
    vim.connection,
    {
      propSet: [{ type: 'Task', pathSet: ['info.state'] }],
      objectSet: recent.map((obj) => ({ obj })),
    },
    { signal },
  );
  return states
    .filter(({ values: { 'info.state': state } }) => state === 'queued' || state === 'running')
    .map(({ object: task }) => task);
}
