import type { JobTimes, JobView, RepositoryList, VmList } from '#core/api.ts';
import type { Job } from '#core/job.ts';
import type { RunRecord } from '#core/run.ts';
import { describeRule } from '#core/select-vms.ts';
import type { VmSummary } from '#core/vm.ts';

import type { Command, CommandInput, OptionSpec } from '../command.ts';
import { afterOrder } from '../follow-run.ts';
import { timeText } from '../format.ts';
import {
  chainOption,
  auditOption,
  exclusions,
  fullOptions,
  fullsText,
  includeRules,
  keepOptions,
  keepText,
  localTimeZone,
  numberOf,
  policyOf,
  scheduleOf,
  scheduleText,
  whatOptions,
  whenOptions,
} from '../job-options.ts';
import { detachOption, given } from '../order-options.ts';
import { printable } from '../output.ts';
import { usageError } from '../parse-command-line.ts';
import { stateText } from '../show-run.ts';

const job = { name: 'JOB', summary: 'name or id of the job' };

const howOptions: Readonly<Record<string, OptionSpec>> = {
  endpoint: { value: 'NAME', summary: 'which endpoint, when there are several' },
  repository: { value: 'NAME', summary: 'which repository, when there are several' },
  'max-chain': chainOption,
  audit: auditOption,
  ...fullOptions,
  compression: { value: 'HOW', summary: 'zstd (default) or none' },
  'on-quiesce-failure': {
    value: 'HOW',
    summary: 'crash-consistent (default, with a warning) or fail',
  },
  'quiesce-retries': { value: 'N', summary: 'try it so often again before that (default 0)' },
};

const cronNote =
  'A schedule such as "0 22 * * *" is every day at 22:00, "0 */4 * * *" every four hours,\n"30 1 * * 6" on Saturdays at 1:30. Without one the job runs only when told to.';
const keepNote =
  'After each good backup the restore points of this job that no rule keeps are removed. One that a\nkept one builds on stays, so do pinned ones and those that were made by hand.';

export const jobCommands: readonly Command[] = [
  {
    name: 'job add',
    summary: 'Save which VMs to back up, when, where to, and how long to keep',
    arguments: [{ name: 'NAME', summary: 'what you want to call it' }],
    options: { ...whatOptions, ...whenOptions, ...keepOptions, ...howOptions },
    examples: [
      'coldframe job add nightly --all --schedule "0 22 * * *" --keep-daily 7 --keep-weekly 4',
      'coldframe job add web --name "web-*" --exclude "web-test*=rebuilt every day" --keep-last 3',
      'coldframe job add db --vm db01 --folder Datacenter/vm/Databases --max-chain 7',
    ],
    notes: [cronNote, keepNote, 'Without any --keep: 7 days, 4 weeks and 12 months.'],
    async run(input) {
      const include = await includeRules(input, () => listVms(input, input.text('endpoint')));
      if (include.length === 0)
        throw usageError('Say which VMs: --all, --vm, --folder, --in or --name.');
      const added = await input.client.post<JobView>('/jobs', {
        name: input.argument('NAME'),
        selection: { include, exclude: exclusions(input) },
        retention: policyOf(input) ?? {
          daily: 7,
          weekly: 4,
          monthly: 12,
          timeZone: input.text('time-zone') ?? localTimeZone(),
        },
        ...given({ schedule: scheduleOf(input), ...how(input) }),
      });
      return shortly(input, added, `Saved ${added.job.name}.`);
    },
  },
  {
    name: 'job list',
    summary: 'List jobs with their next time and last run',
    examples: ['coldframe job list'],
    async run({ client, output }) {
      const { jobs } = await client.get<{ jobs: readonly JobView[] }>('/jobs');
      if (output.json) output.document(jobs);
      else if (jobs.length === 0)
        output.note('There is no job yet. Make one with: coldframe job add');
      else
        output.table(
          [{ title: 'NAME' }, { title: 'NEXT' }, { title: 'LAST RUN' }, { title: 'VMS' }],
          jobs.map((view) => [
            view.job.name,
            nextText(view),
            view.lastRun === undefined
              ? 'never'
              : `${timeText(view.lastRun.createdAtMs)} ${stateText(output, view.lastRun.state)}`,
            view.job.selection.include.map(describeRule).join(', '),
          ]),
        );
      return undefined;
    },
  },
  {
    name: 'job show',
    summary: 'Everything about one job, and its coming times',
    arguments: [job],
    options: { times: { value: 'N', summary: 'show so many coming times (default 5)' } },
    examples: ['coldframe job show nightly', 'coldframe job show nightly --times 20'],
    async run(input) {
      const { client, output } = input;
      const path = pathOf(input);
      const view = await client.get<JobView>(path);
      const { timesMs } = await client.get<JobTimes>(
        `${path}/next?count=${numberOf(input, 'times') ?? 5}`,
      );
      if (output.json) output.document({ ...view, timesMs });
      else await show(input, view, timesMs);
      return undefined;
    },
  },
  {
    name: 'job edit',
    summary: 'Change a job; what is not said stays as it is',
    arguments: [job],
    options: {
      rename: { value: 'NAME', summary: 'another name; its restore points stay its own' },
      ...whatOptions,
      'no-exclude': { summary: 'leave no VM out any more' },
      ...whenOptions,
      'no-schedule': { summary: 'run only when told to' },
      ...keepOptions,
      ...howOptions,
    },
    examples: [
      'coldframe job edit nightly --schedule "30 23 * * 1-5"',
      'coldframe job edit nightly --keep-weekly 8 --keep-daily 14',
      'coldframe job edit web --name "web-*" --name "www-*" --no-exclude',
    ],
    notes: [
      'VMs that are said replace those that were said before; so do exclusions. --keep-daily 0 takes\nthat rule away. See first what a policy means: coldframe retention simulate',
    ],
    async run(input) {
      const path = pathOf(input);
      const { job: old } = await input.client.get<JobView>(path);
      const changed = await input.client.patch<JobView>(path, await changesOf(input, old));
      return shortly(input, changed, `Changed ${changed.job.name}.`);
    },
  },
  {
    name: 'job run',
    summary: 'Run a job now, and remove what its retention does not keep',
    arguments: [job],
    options: { detach: detachOption },
    examples: ['coldframe job run nightly', 'coldframe job run nightly --detach'],
    async run(input) {
      return afterOrder(input, await input.client.post<RunRecord>(`${pathOf(input)}/runs`));
    },
  },
  pauseCommand('job pause', false),
  pauseCommand('job resume', true),
  {
    name: 'job remove',
    summary: 'Forget a job; its restore points stay',
    arguments: [job],
    examples: ['coldframe job remove nightly'],
    async run(input) {
      await input.client.delete(pathOf(input));
      input.output.note(`Removed ${input.argument('JOB')}. Its restore points stay.`);
      return undefined;
    },
  },
];

function pauseCommand(name: 'job pause' | 'job resume', enabled: boolean): Command {
  return {
    name,
    summary: enabled ? 'Let a job run by its schedule again' : 'Keep a job from running by itself',
    arguments: [job],
    examples: [`coldframe ${name} nightly`],
    async run(input) {
      const changed = await input.client.patch<JobView>(pathOf(input), { enabled });
      const word = enabled ? 'runs by its schedule again' : 'is paused; "job run" still runs it';
      return shortly(input, changed, `${changed.job.name} ${word}.`);
    },
  };
}

async function changesOf(input: CommandInput, old: Job): Promise<Record<string, unknown>> {
  const { text, flag } = input;
  if (flag('no-schedule') && text('schedule') !== undefined)
    throw usageError('Give --schedule or --no-schedule, not both.');
  if (flag('no-exclude') && input.texts('exclude').length > 0)
    throw usageError('Give --exclude or --no-exclude, not both.');
  const include = await includeRules(input, () =>
    listVms(input, text('endpoint') ?? old.endpointId),
  );
  const exclude = exclusions(input);
  const selected = include.length > 0 || exclude.length > 0 || flag('no-exclude');
  const changes = given({
    name: text('rename'),
    selection: selected
      ? {
          include: include.length > 0 ? include : old.selection.include,
          exclude: exclude.length > 0 || flag('no-exclude') ? exclude : old.selection.exclude,
        }
      : undefined,
    schedule: flag('no-schedule') ? null : scheduleOf(input, old.schedule),
    retention: policyOf(input, old.retention),
    ...how(input),
  });
  if (Object.keys(changes).length === 0)
    throw usageError('Nothing to change was said. See: coldframe job edit --help');
  return changes;
}

function how(input: CommandInput): Record<string, unknown> {
  const { text } = input;
  return {
    endpoint: text('endpoint'),
    repository: text('repository'),
    maxChainLength: numberOf(input, 'max-chain'),
    auditPercent: numberOf(input, 'audit'),
    fulls: text('fulls'),
    activeFullDays: numberOf(input, 'active-full-days'),
    compression: text('compression'),
    onQuiesceFailure: text('on-quiesce-failure'),
    quiesceRetries: numberOf(input, 'quiesce-retries'),
  };
}

async function listVms(
  { client }: CommandInput,
  endpoint: string | undefined,
): Promise<readonly VmSummary[]> {
  const query = endpoint === undefined ? '' : `?endpoint=${encodeURIComponent(endpoint)}`;
  return (await client.get<VmList>(`/vms${query}`)).vms;
}

function pathOf(input: CommandInput): string {
  return `/jobs/${encodeURIComponent(input.argument('JOB'))}`;
}

function shortly({ output }: CommandInput, view: JobView, headline: string): undefined {
  if (output.json) {
    output.document(view);
    return;
  }
  output.line(printable(headline));
  output.facts([
    ['Next', nextText(view)],
    ['Keeps', keepText(view.job.retention)],
  ]);
}

async function show(
  { client, output }: CommandInput,
  view: JobView,
  timesMs: readonly number[],
): Promise<void> {
  const { job: it, lastRun } = view;
  const { repositories } = await client.get<RepositoryList>('/repositories');
  const repository = repositories.find(({ id }) => id === it.repositoryId);
  output.facts([
    ['Job', `${it.name} (${it.id})`],
    ['VMs', it.selection.include.map(describeRule).join(', ')],
    ...it.selection.exclude.map(
      ({ rule, reason }) => ['Left out', `${describeRule(rule)}: ${reason}`] as const,
    ),
    ['When', `${scheduleText(it)}${it.enabled ? '' : ', paused'}`],
    ['Where to', repository?.name ?? 'a repository that is gone; choose another'],
    ['Keeps', keepText(it.retention)],
    ['Full backup', fullsText(it)],
    [
      'Last run',
      lastRun === undefined
        ? 'never'
        : `${timeText(lastRun.createdAtMs)} ${stateText(output, lastRun.state)} (${lastRun.id})`,
    ],
    ...timesMs.map((ms, i) => [i === 0 ? 'Coming' : '', timeText(ms)] as const),
  ]);
}

function nextText({ job: it, nextMs }: JobView): string {
  if (nextMs !== undefined) return timeText(nextMs);
  return it.schedule === undefined ? 'only by hand' : 'paused';
}
