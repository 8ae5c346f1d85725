import type { RepositoryConfig, Endpoint } from '#core/config.ts';
import type { Job } from '#core/job.ts';
import type { RunRecord } from '#core/run.ts';
import { describeRule } from '#core/select-vms.ts';

import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { runState, state, table, time } from '../parts.ts';

export interface JobRow {
  readonly job: Job;
  readonly nextMs?: number;
  /** The newest runs of it, newest first. */
  readonly lastRuns: readonly RunRecord[];
}

export interface JobsView {
  readonly rows: readonly JobRow[];
  readonly nowMs: number;
  readonly csrf?: string;
}

export function jobsPage({ rows, nowMs, csrf }: JobsView): Html {
  return html`<div class="head"><div><h1>Jobs</h1><p class="lead">Which VMs, when, where to, and how long to keep.</p></div><a class="button" href="/jobs/new">New job</a></div>
<section class="panel">${table<JobRow>(
    'Jobs',
    [
      { head: 'Job', cell: ({ job }) => html`<a href="/jobs/${job.id}">${job.name}</a>` },
      { head: 'VMs', cell: ({ job }) => job.selection.include.map(describeRule).join(', ') },
      { head: 'When', cell: ({ job }) => when(job) },
      { head: 'Next run', cell: ({ nextMs }) => time(nextMs, nowMs) },
      {
        head: 'Last',
        cell: ({ lastRuns }) =>
          lastRuns
            .slice(0, 1)
            .map((run) => html`<a href="/runs/${run.id}">${runState(run.state)}</a>`),
      },
      {
        head: 'Now',
        cell: ({ job }) =>
          html`<form class="inline" method="post" action="/jobs/${job.id}/run">${csrfField(csrf)}<button class="plain" aria-label="Run ${job.name} now">Run</button></form>`,
      },
    ],
    rows,
    html`No job yet. <a href="/jobs/new">Make the first one</a>: every VM, every night.`,
  )}</section>`;
}

function when(job: Job): Html {
  if (!job.enabled) return state('idle', 'paused');
  if (job.schedule === undefined) return html`<span class="quiet">by hand</span>`;
  return html`<code>${job.schedule.cron}</code><br><small class="quiet">${job.schedule.timeZone}</small>`;
}

export interface JobFormView {
  /** Absent for a new one. */
  readonly job?: Job;
  readonly endpoints: readonly Endpoint[];
  readonly repositories: readonly RepositoryConfig[];
  readonly timeZone: string;
  /** The coming times of the job's schedule, epoch ms. */
  readonly preview: readonly number[];
  readonly csrf?: string;
  readonly problem?: string;
}

export function jobFormPage(view: JobFormView): Html {
  const { job } = view;
  const rule = job?.selection.include[0];
  return html`<h1>${job === undefined ? 'New job' : job.name}</h1>
${view.problem === undefined ? null : html`<div class="notice bad" role="alert"><p>${view.problem}</p></div>`}
<form class="fields" method="post" action="/jobs${job === undefined ? null : html`/${job.id}`}">${csrfField(view.csrf)}
<label>Name<input name="name" required maxlength="60" value="${job?.name ?? 'Every night'}"></label>
<fieldset><legend>What</legend>
<label>Endpoint<select name="endpoint">${options(view.endpoints, job?.endpointId)}</select></label>
<label class="choice"><input type="radio" name="by" value="all"${checked(rule === undefined || rule.by === 'all')}> Every VM</label>
<label class="choice"><input type="radio" name="by" value="name"${checked(rule?.by === 'name')}> VMs whose name is like the pattern below</label>
<label class="choice"><input type="radio" name="by" value="folder"${checked(rule?.by === 'folder')}> VMs in the folder below</label>
<label>Pattern or folder<input name="words" value="${wordsOf(job)}" aria-describedby="words-hint"><span class="hint" id="words-hint">A pattern such as web-*, or a folder such as Datacenter/vm/Servers.</span></label>
<label>Leave out VMs named like<input name="exclude" value="${excludeOf(job)}"></label></fieldset>
<fieldset><legend>Where to</legend><label>Repository<select name="repository">${options(view.repositories, job?.repositoryId)}</select></label></fieldset>
<fieldset><legend>When</legend>
<label>Schedule<input name="cron" value="${job === undefined ? '0 22 * * *' : (job.schedule?.cron ?? '')}" aria-describedby="cron-hint"><span class="hint" id="cron-hint">Minute, hour, day of month, month, day of week. Empty: only by hand.</span></label>
<label>Time zone<input name="timeZone" value="${job?.schedule?.timeZone ?? view.timeZone}"></label>
${view.preview.length === 0 ? null : html`<p class="hint">Comes next: ${view.preview.map((ms) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')).join(', ')} (UTC)</p>`}
<label class="choice"><input type="checkbox" name="enabled" value="yes"${checked(job?.enabled ?? true)}> Run by the schedule</label></fieldset>
<fieldset><legend>How long to keep</legend>
${keepField('daily', 'Days', job?.retention.daily ?? 7)}${keepField('weekly', 'Weeks', job?.retention.weekly ?? 4)}${keepField('monthly', 'Months', job?.retention.monthly ?? 12)}</fieldset>
<div><button>${job === undefined ? 'Make the job' : 'Save'}</button> <a class="button plain" href="/jobs">Back</a></div></form>`;
}

function keepField(name: string, label: string, value: number): Html {
  return html`<label>${label}<input type="number" name="${name}" min="0" max="1000" value="${value}"></label>`;
}

function options(
  choices: readonly { readonly id: string; readonly name: string }[],
  chosen: string | undefined,
): Html[] {
  return choices.map(
    (c) =>
      html`<option value="${c.id}"${c.id === chosen ? html` selected` : null}>${c.name}</option>`,
  );
}

function checked(on: boolean): Html | null {
  return on ? html` checked` : null;
}

function wordsOf(job: Job | undefined): string {
  const rule = job?.selection.include[0];
  return rule?.by === 'name' ? rule.pattern : rule?.by === 'folder' ? rule.path : '';
}

function excludeOf(job: Job | undefined): string {
  const rule = job?.selection.exclude[0]?.rule;
  return rule?.by === 'name' ? rule.pattern : '';
}
