import { ColdframeError } from '#core/error.ts';
import type { Moref } from '#core/vm.ts';
import { withDeadline } from '#core/deadline.ts';
import { readFiltered, readObject } from './properties.ts';
import { outcomeUnknown } from './soap-error.ts';
import { asList, isMoref, morefOf } from './value.ts';
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

/** The object's own list is short-lived on some servers, so the login's is looked at too. */
async function runningTasks(
  vim: Vim,
  object: Moref,
  signal: AbortSignal,
): Promise<readonly Moref[]> {
  const { connection } = vim;
  const recent = new Map<string, Moref>();
  for (const holder of [object, connection.service('taskManager')]) {
    const { values } = await readObject(connection, holder, { paths: ['recentTask'], signal });
    for (const task of asList(values['recentTask']).filter(isMoref)) recent.set(task.value, task);
  }
  if (recent.size === 0) return [];
  const found = await readFiltered(
    connection,
    {
      propSet: [{ type: 'Task', pathSet: ['info.state', 'info.entity'] }],
      objectSet: [...recent.values()].map((obj) => ({ obj })),
    },
    { signal },
  );
  return found
    .filter(({ values: { 'info.state': state, 'info.entity': entity } }) => {
      const busy = state === 'queued' || state === 'running';
      return busy && morefOf(entity)?.value === object.value;
    })
    .map(({ object: task }) => task);
}
