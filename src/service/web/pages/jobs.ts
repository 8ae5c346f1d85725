import type { Job } from '#core/job.ts';
import type { RunRecord } from '#core/run.ts';
import { describeRule } from '#core/select-vms.ts';

import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { named, runState, state, table, time } from '../parts.ts';

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
      { head: 'Job', cell: ({ job }) => html`<a href="/jobs/${job.id}">${named(job.name)}</a>` },
      { head: 'VMs', cell: ({ job }) => what(job) },
      { head: 'When', cell: ({ job }) => when(job) },
      { head: 'Next run', cell: ({ nextMs }) => time(nextMs, nowMs) },
      { head: 'Last three', cell: ({ lastRuns }) => outcomes(lastRuns) },
      { head: 'Now', cell: ({ job }) => runForm(job, csrf) },
    ],
    rows,
    html`No job yet. <a href="/jobs/new">Make the first one</a>: every VM, every night.`,
  )}</section>`;
}

export function what(job: Job): Html {
  return named(job.selection.include.map(describeRule).join(', '));
}

export function when(job: Job): Html {
  const times =
    job.schedule === undefined
      ? html`<span class="quiet">by hand</span>`
      : html`<code>${job.schedule.cron}</code><br><small class="quiet">${job.schedule.timeZone}</small>`;
  return job.enabled ? times : html`${state('idle', 'paused')}<br>${times}`;
}

export function runForm(job: Job, csrf: string | undefined): Html {
  return html`<form class="inline" method="post" action="/jobs/${job.id}/run">${csrfField(csrf)}<button class="plain" aria-label="Run now: ${job.name}">Run now</button></form>`;
}

function outcomes(runs: readonly RunRecord[]): Html {
  if (runs.length === 0) return html`<span class="quiet">never ran</span>`;
  return html`<span class="outcomes">${runs.slice(0, 3).map((run) => html`<a href="/runs/${run.id}">${runState(run.state)}</a> `)}</span>`;
}
