import { isEnded } from '#core/run.ts';

import { sendLive } from '../live.ts';
import { logFragment, runFragment, runPage, type RunView } from '../pages/run.ts';
import { runsPage } from '../pages/runs.ts';
import { runWords } from '../parts.ts';
import type { WebServices } from '../services.ts';
import { cursorOf, timeCursor, type Room } from './room.ts';

const pageSize = 50;
const livePeriodMs = 1000;

export function runRoutes(room: Room): void {
  const { services } = room;
  const { clock } = services;
  room.get('/runs', async ({ show, query }) => {
    const runs = await services.runs.listRuns({ limit: pageSize, ...timeCursor(query('after')) });
    const last = runs.length === pageSize ? runs.at(-1) : undefined;
    show(
      { title: 'Runs', room: '/runs' },
      runsPage(runs, clock.now(), last === undefined ? undefined : cursorOf(last)),
    );
  });
  room.get('/runs/:id', async ({ show, params, signIn }) => {
    const view = await runView(services, params['id'] ?? '');
    const live = isEnded(view.run.state) ? {} : { live: `/live/runs/${view.run.id}` };
    show(
      { title: view.run.title, room: '/runs', ...live },
      runPage({ ...view, csrf: signIn.csrf }),
    );
  });
  room.get('/runs/:id/log', async ({ koa, params }) => {
    const { run } = await services.runView(params['id'] ?? '');
    koa.type = 'text/plain; charset=utf-8';
    koa.set('Content-Disposition', `attachment; filename="coldframe-run-${run.id}.log"`);
    koa.body = await services.runLogs.whole(run.id);
  });
  room.get('/live/runs/:id', async ({ koa, params, signIn, stillSignedIn }) => {
    // Asked for before anything is sent: a run that does not exist is a page not found.
    let view = await runView(services, params['id'] ?? '');
    let ended = false;
    sendLive(koa, {
      clock,
      role: signIn.role,
      periodMs: livePeriodMs,
      render: async () => {
        if (ended || !stillSignedIn()) return undefined;
        view = await runView(services, view.run.id);
        ended = isEnded(view.run.state);
        return [
          { id: 'run', html: runFragment(view) },
          { id: 'log', html: logFragment(view) },
          // Nothing is left to cancel.
          ...(ended ? [{ id: 'cancel', html: undefined }] : []),
        ];
      },
      announce: () => `${view.run.title}: ${runWords(view.run.state)}`,
    });
  });
  room.post('/runs/:id/cancel', async ({ params, goTo }) => {
    goTo(`/runs/${(await services.cancel(params['id'] ?? '')).id}`);
  });
}

async function runView(services: WebServices, id: string): Promise<RunView> {
  const view = await services.runView(id);
  return { ...view, log: await services.runLogs.lines(id), nowMs: services.clock.now() };
}
