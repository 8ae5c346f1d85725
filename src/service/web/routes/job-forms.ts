import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { Job } from '#core/job.ts';
import { selectVms } from '#core/select-vms.ts';

import { checkSchedule, nextRuns } from '../../schedule/next-runs.ts';
import type { PageContext } from '../page-context.ts';
import {
  newJobValues,
  settingsOf,
  valuesOfForm,
  valuesOfJob,
  type JobSettings,
  type JobValues,
} from '../job-values.ts';
import { comingCount, ownMoref, retentionPreview } from '../job-view.ts';
import { jobFormPage, type JobFormView } from '../pages/job-form.ts';
import { jobOf } from './jobs.ts';
import type { PostHandler, Room } from './room.ts';

/** Before jobRoutes: "/jobs/new" is no job's page. */
export function jobFormRoutes(room: Room): void {
  room.get('/jobs/new', (context) => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    return showForm(room, context, { values: newJobValues(timeZone) });
  });
  room.get('/jobs/:id/edit', async (context) => {
    const job = await jobOf(room, context);
    await showForm(room, context, { job, values: valuesOfJob(job) });
  });
  room.post('/jobs', save(room));
  room.post('/jobs/preview', preview(room));
  room.post('/jobs/:id', save(room));
  room.post('/jobs/:id/preview', preview(room));
}

interface FormShown {
  readonly job?: Job;
  readonly values: JobValues;
  readonly preview?: NonNullable<JobFormView['preview']>;
  readonly problem?: string;
}

async function showForm(
  room: Room,
  { show, signIn }: PageContext,
  shown: FormShown,
): Promise<void> {
  const { services, slow } = room;
  const { job, ...rest } = shown;
  const [endpoints, repositories, inventory] = await Promise.all([
    services.endpoints.list(),
    slow.repositories(),
    slow.inventory(),
  ]);
  if (endpoints.length === 0 || repositories.length === 0)
    throw new ColdframeError(
      'not-eligible',
      'A job needs an endpoint and a repository. Add an endpoint under Settings and a repository under Repositories first.',
    );
  const title = job?.name ?? 'New job';
  show(
    { title, room: '/jobs' },
    jobFormPage({
      ...rest,
      ...(job === undefined ? {} : { id: job.id }),
      title,
      endpoints,
      repositories,
      vms: inventory.vms.filter(({ vm }) => !vm.template),
      csrf: signIn.csrf,
    }),
  );
}

/** What is wrong with the fields is said above them, and they stay as they were typed. */
function withForm(
  room: Room,
  work: (
    context: Parameters<PostHandler>[0],
    filled: { readonly job?: Job; readonly values: JobValues; readonly settings: JobSettings },
  ) => Promise<void>,
): PostHandler {
  return async (context) => {
    const job = context.params['id'] === undefined ? undefined : await jobOf(room, context);
    const names = await vmNames(room, job);
    const values = valuesOfForm(context.form, (uuid) => names.get(uuid) ?? uuid);
    const old = job === undefined ? {} : { job };
    try {
      const settings = await checkedSettings(room, values, job);
      await work(context, { ...old, values, settings });
    } catch (error) {
      const { code, message } = toErrorRecord(error);
      if (code !== 'invalid-input' && code !== 'not-found') throw error;
      context.koa.status = 422;
      await showForm(room, context, { ...old, values, problem: message });
    }
  };
}

function save(room: Room): PostHandler {
  const { services } = room;
  return withForm(room, async ({ goTo }, { job, settings }) => {
    const id = job?.id ?? services.ids.next();
    const createdAtMs = job?.createdAtMs ?? services.clock.now();
    await services.jobs.saveJob({ ...settings, id, createdAtMs });
    goTo(`/jobs/${id}`);
  });
}

function preview(room: Room): PostHandler {
  return withForm(room, async (context, { job, values, settings }) => {
    const { vms } = await room.slow.inventory();
    const here = vms.filter(({ endpoint }) => endpoint.id === settings.endpointId);
    const choices = selectVms(
      here.map(({ vm }) => vm),
      settings.selection,
      ownMoref(here),
    );
    const nowMs = room.services.clock.now();
    const retention = retentionPreview(settings, nowMs);
    await showForm(room, context, {
      ...(job === undefined ? {} : { job }),
      values,
      preview: {
        coming:
          settings.schedule === undefined ? [] : nextRuns(settings.schedule, nowMs, comingCount),
        chosen: choices.filter(({ chosen }) => chosen).map(({ vm }) => vm.identity.name),
        policy: settings.retention,
        ...(retention === undefined ? {} : { retention }),
      },
    });
  });
}

async function checkedSettings(
  room: Room,
  values: JobValues,
  old: Job | undefined,
): Promise<JobSettings> {
  const { services } = room;
  const settings = settingsOf(values, old);
  if (settings.schedule !== undefined) checkSchedule(settings.schedule, services.clock.now());
  const others = (await services.jobs.listJobs()).filter(({ id }) => id !== old?.id);
  if (others.some(({ name }) => name === settings.name))
    throw new ColdframeError(
      'invalid-input',
      `There is a job "${settings.name}" already. Choose another name.`,
    );
  const [endpoint, repository] = await Promise.all([
    services.endpoints.find(settings.endpointId),
    services.repositories.find(settings.repositoryId),
  ]);
  return { ...settings, endpointId: endpoint.id, repositoryId: repository.id };
}

/** Names for the uuids of ticked VMs: of the inventory, and of the job where a VM is gone. */
async function vmNames({ slow }: Room, job: Job | undefined): Promise<ReadonlyMap<string, string>> {
  const { vms } = await slow.inventory();
  return new Map([
    ...(job?.selection.include ?? []).flatMap((rule) =>
      rule.by === 'vm' ? [[rule.instanceUuid, rule.name] as const] : [],
    ),
    ...vms.map(({ vm: { identity } }) => [identity.instanceUuid, identity.name] as const),
  ]);
}
