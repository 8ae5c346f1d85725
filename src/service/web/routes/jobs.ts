import type { Router } from '@koa/router';

import { ColdframeError } from '#core/error.ts';
import type { Job, VmRule } from '#core/job.ts';

import { checkSchedule, nextRuns } from '../../schedule/next-runs.ts';
import { signedIn, type PageContext } from '../context.ts';
import type { Form } from '../form-body.ts';
import { jobFormPage, jobsPage, type JobRow } from '../pages/jobs.ts';
import type { WebServices } from '../services.ts';
import type { SignIns } from '../sign-ins.ts';

const previewCount = 5;

export function jobRoutes(router: Router, services: WebServices, signIns: SignIns): void {
  router.get(
    '/jobs',
    signedIn(signIns, async ({ show, signIn }) => {
      const rows = await jobRows(services);
      show(
        { title: 'Jobs', room: '/jobs' },
        jobsPage({ rows, nowMs: services.clock.now(), csrf: signIn.csrf }),
      );
    }),
  );
  router.get(
    '/jobs/new',
    signedIn(signIns, (context) => showForm(services, context, undefined)),
  );
  router.get(
    '/jobs/:id',
    signedIn(signIns, async (context) =>
      showForm(services, context, await jobOf(services, context)),
    ),
  );
  router.post(
    '/jobs',
    signedIn(signIns, async ({ form, goTo }) => {
      await save(services, form!, undefined);
      goTo('/jobs');
    }),
  );
  router.post(
    '/jobs/:id',
    signedIn(signIns, async (context) => {
      await save(services, context.form!, await jobOf(services, context));
      context.goTo('/jobs');
    }),
  );
  router.post(
    '/jobs/:id/run',
    signedIn(signIns, async (context) => {
      const run = await services.runJob(await jobOf(services, context), context.signal);
      context.goTo(`/runs/${run.id}`);
    }),
  );
}

async function jobOf(services: WebServices, { params }: PageContext): Promise<Job> {
  const job = await services.jobs.getJob(params['id'] ?? '');
  if (job === undefined) throw new ColdframeError('not-found', 'There is no such job any more.');
  return job;
}

async function jobRows(services: WebServices): Promise<readonly JobRow[]> {
  const runs = await services.runs.listRuns({ limit: 500 });
  return (await services.jobs.listJobs()).map((job): JobRow => {
    const next =
      job.enabled && job.schedule !== undefined
        ? nextRuns(job.schedule, services.clock.now(), 1)[0]
        : undefined;
    const lastRuns = runs.filter((run) => run.jobName === job.name);
    return { job, lastRuns, ...(next === undefined ? {} : { nextMs: next }) };
  });
}

async function showForm(
  services: WebServices,
  context: PageContext,
  job: Job | undefined,
): Promise<void> {
  const { show, signal, signIn } = context;
  const [endpoints, repositories] = await Promise.all([
    services.endpoints.list(),
    services.repositories.list(signal),
  ]);
  if (endpoints.length === 0 || repositories.length === 0)
    throw new ColdframeError(
      'not-eligible',
      'A job needs an endpoint and a repository. Add an endpoint under Settings and a repository under Repositories first.',
    );
  const preview =
    job?.schedule === undefined ? [] : nextRuns(job.schedule, services.clock.now(), previewCount);
  show(
    { title: job?.name ?? 'New job', room: '/jobs' },
    jobFormPage({
      ...(job === undefined ? {} : { job }),
      endpoints,
      repositories,
      preview,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      csrf: signIn.csrf,
    }),
  );
}

async function save(services: WebServices, form: Form, old: Job | undefined): Promise<void> {
  const name = form.required('name', 'The name');
  const taken = (await services.jobs.listJobs()).some(
    (job) => job.name === name && job.id !== old?.id,
  );
  if (taken)
    throw new ColdframeError(
      'invalid-input',
      `There is a job "${name}" already. Choose another name.`,
    );
  const endpoint = await services.endpoints.find(form.required('endpoint', 'The endpoint'));
  const repository = await services.repositories.find(
    form.required('repository', 'The repository'),
  );
  const cron = form.text('cron');
  const timeZone = form.required('timeZone', 'The time zone');
  const schedule = cron === '' ? undefined : ({ cron, timeZone, missed: 'run-once' } as const);
  if (schedule !== undefined) checkSchedule(schedule, services.clock.now());
  const exclude = form.text('exclude');
  await services.jobs.saveJob({
    id: old?.id ?? services.ids.next(),
    name,
    enabled: form.text('enabled') === 'yes',
    endpointId: endpoint.id,
    repositoryId: repository.id,
    selection: {
      include: [ruleOf(form)],
      exclude:
        exclude === ''
          ? []
          : [{ rule: { by: 'name', pattern: exclude }, reason: `named like ${exclude}` }],
    },
    ...(schedule === undefined ? {} : { schedule }),
    retention: {
      timeZone,
      daily: form.count('daily', 'Days'),
      weekly: form.count('weekly', 'Weeks'),
      monthly: form.count('monthly', 'Months'),
    },
    compression: old?.compression ?? 'zstd',
    maxChainLength: old?.maxChainLength ?? 30,
    onQuiesceFailure: old?.onQuiesceFailure ?? 'crash-consistent',
    createdAtMs: old?.createdAtMs ?? services.clock.now(),
  });
}

function ruleOf(form: Form): VmRule {
  switch (form.text('by')) {
    case 'name':
      return { by: 'name', pattern: form.required('words', 'The pattern') };
    case 'folder':
      return { by: 'folder', path: form.required('words', 'The folder') };
    default:
      return { by: 'all' };
  }
}
