import { z } from 'zod';

import type { RunEvent, RunList, RunLogView, RunView } from '#core/api.ts';

import type { RunLogs } from '../../log/run-logs.ts';
import { findRun } from '../../operations/runs.ts';
import type { RunStore } from '../../ports.ts';
import type { RunEvents } from '../../runs/run-events.ts';
import type { RunQueue } from '../../runs/run-queue.ts';
import { nextOf, pageOf, pageQuery } from '../cursor.ts';
import { runAnswer, runListAnswer, runLogAnswer, runViewAnswer } from '../answers.ts';
import { route, type BoundRoute } from '../route.ts';
import { EventStream } from '../server-sent-events.ts';

const id = z.object({ id: z.string() });

export interface RunRoutesOptions {
  readonly store: RunStore;
  readonly queue: RunQueue;
  readonly events: RunEvents;
  readonly logs: RunLogs;
}

export function runRoutes(options: RunRoutesOptions): readonly BoundRoute[] {
  const { store, queue, events, logs } = options;
  const view = (runId: string): Promise<RunView> => findRun(options, runId);
  return [
    route({
      method: 'GET',
      path: '/runs',
      summary: 'List runs, newest first',
      answers: runListAnswer,
      query: pageQuery,
      handle: async ({ query }): Promise<RunList> => {
        const runs = await store.listRuns(pageOf(query));
        return { runs, ...nextOf(runs, query.limit) };
      },
    }),
    route({
      method: 'GET',
      path: '/runs/:id',
      summary: 'A run and its tasks',
      answers: runViewAnswer,
      params: id,
      handle: ({ params }) => view(params.id),
    }),
    route({
      method: 'GET',
      path: '/runs/:id/log',
      summary: "The last lines of a run's log",
      answers: runLogAnswer,
      params: id,
      handle: async ({ params }): Promise<RunLogView> => {
        const { run } = await view(params.id);
        return { lines: await logs.lines(run.id) };
      },
    }),
    route({
      method: 'POST',
      path: '/runs/:id/cancel',
      summary: 'Ask a run to stop and clean up',
      answers: runAnswer,
      params: id,
      handle: ({ params }) => queue.cancel(params.id),
    }),
    route({
      method: 'GET',
      path: '/runs/:id/events',
      summary: 'Follow a run: its state now, then every event until it ends',
      streams: true,
      params: id,
      handle: async ({ params, signal, lastEventId }) => {
        await view(params.id);
        const resumeAt = Number.parseInt(lastEventId ?? '', 10);
        return new EventStream(
          Number.isNaN(resumeAt) || !events.isLive(params.id)
            ? followFromNow({ runId: params.id, view, events, signal })
            : events.follow(params.id, resumeAt, signal),
        );
      },
    }),
  ];
}

interface Following {
  readonly runId: string;
  readonly view: (runId: string) => Promise<RunView>;
  readonly events: RunEvents;
  readonly signal: AbortSignal;
}

/** The state comes first, so that a follower who joins late, or too late, misses nothing that matters. */
async function* followFromNow(
  following: Following,
): AsyncGenerator<{ readonly id: number; readonly data: RunEvent }> {
  const { runId, view, events, signal } = following;
  const id = events.lastId(runId);
  // Subscribed before the state is read: what happens meanwhile is in the ring.
  const live = events.follow(runId, id, signal);
  const { run, tasks } = await view(runId);
  for (const task of tasks) yield { id, data: { type: 'task', task } };
  yield { id, data: { type: 'run', run } };
  yield* live;
}
