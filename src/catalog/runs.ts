import { z } from 'zod';

import type { RunRecord, TaskRecord } from '#core/run.ts';

import { runSchema, taskSchema } from './schema.ts';
import type { Store } from './store.ts';
import { openTable } from './table.ts';
import { below, joinKey, newestFirst, type Page } from './time-key.ts';

export interface Runs {
  /** Writes the run and the tasks given with it, together. */
  saveRun(run: RunRecord, tasks?: readonly TaskRecord[]): Promise<void>;
  saveTask(task: TaskRecord): Promise<void>;
  getRun(id: string): Promise<RunRecord | undefined>;
  tasksOfRun(runId: string): Promise<readonly TaskRecord[]>;
  /** Newest first, from behind the last one of the page before. */
  listRuns(page: Page): Promise<readonly RunRecord[]>;
  /** Queued and running ones. */
  unfinishedRuns(): Promise<readonly RunRecord[]>;
}

export function openRuns(store: Store): Runs {
  const runs = openTable(store, 'runs', runSchema);
  const byTime = openTable(store, 'runs-by-time', z.string());
  const unfinished = openTable(store, 'runs-unfinished', z.string());
  const tasks = openTable(store, 'tasks', taskSchema);
  const load = async (ids: readonly string[]): Promise<RunRecord[]> => {
    const found = await Promise.all(ids.map((id) => runs.get(id)));
    return found.filter((run) => run !== undefined);
  };
  return {
    saveRun: (run, withTasks = []) =>
      store.write([
        runs.set(run.id, run),
        byTime.set(joinKey(newestFirst(run.createdAtMs), run.id), run.id),
        run.endedAtMs === undefined ? unfinished.set(run.id, run.id) : unfinished.remove(run.id),
        ...withTasks.map((task) => tasks.set(joinKey(task.runId, task.id), task)),
      ]),
    saveTask: (task) => store.write([tasks.set(joinKey(task.runId, task.id), task)]),
    getRun: (id) => runs.get(id),
    tasksOfRun: (runId) => tasks.values(below(runId)),
    async listRuns({ limit, after }) {
      const from =
        after === undefined ? {} : { gt: joinKey(newestFirst(after.createdAtMs), after.id) };
      return load(await byTime.values({ ...from, limit }));
    },
    unfinishedRuns: async () => load(await unfinished.values()),
  };
}
