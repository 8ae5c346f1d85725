import type { RunView } from '#core/api.ts';
import { ColdframeError } from '#core/error.ts';

import type { RunStore } from '../ports.ts';
import type { RunQueue } from '../runs/run-queue.ts';

/** A run and its tasks; fresher than the store while it is under way. */
export async function findRun(
  { store, queue }: { readonly store: RunStore; readonly queue: RunQueue },
  runId: string,
): Promise<RunView> {
  const open = queue.view(runId);
  if (open !== undefined) return open;
  const run = await store.getRun(runId);
  if (run === undefined)
    throw new ColdframeError('not-found', `There is no run "${runId}". See: coldframe run list`);
  return { run, tasks: await store.tasksOfRun(runId) };
}
