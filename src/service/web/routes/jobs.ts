import { ColdframeError } from '#core/error.ts';
import type { Job } from '#core/job.ts';

import type { PageContext } from '../page-context.ts';
import { jobRow, jobView } from '../job-view.ts';
import { jobPage } from '../pages/job.ts';
import { jobsPage } from '../pages/jobs.ts';
import type { Room } from './room.ts';

export function jobRoutes(room: Room): void {
  const { services } = room;
  room.get('/jobs', async ({ show, signIn }) => {
    const runs = await services.runs.listRuns({ limit: 500 });
    const nowMs = services.clock.now();
    const rows = (await services.jobs.listJobs()).map((job) => jobRow(job, runs, nowMs));
    show({ title: 'Jobs', room: '/jobs' }, jobsPage({ rows, nowMs, csrf: signIn.csrf }));
  });
  room.get('/jobs/:id', async (context) => {
    const job = await jobOf(room, context);
    const view = await jobView(room, job);
    context.show(
      { title: job.name, room: '/jobs' },
      jobPage({ ...view, csrf: context.signIn.csrf }),
    );
  });
  room.post('/jobs/:id/run', async (context) => {
    const run = await services.runJob(await jobOf(room, context), context.signal);
    context.goTo(`/runs/${run.id}`);
  });
  for (const [word, enabled] of [
    ['pause', false],
    ['resume', true],
  ] as const)
    room.post(`/jobs/:id/${word}`, async (context) => {
      const job = await jobOf(room, context);
      await services.jobs.saveJob({ ...job, enabled });
      context.goTo(`/jobs/${job.id}`);
    });
  room.post('/jobs/:id/delete', async (context) => {
    await services.jobs.removeJob((await jobOf(room, context)).id);
    context.goTo('/jobs');
  });
}

export async function jobOf({ services }: Room, { params }: PageContext): Promise<Job> {
  const job = await services.jobs.getJob(params['id'] ?? '');
  if (job === undefined) throw new ColdframeError('not-found', 'There is no such job any more.');
  return job;
}
