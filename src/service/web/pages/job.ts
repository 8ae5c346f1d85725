import type { RepositoryConfig } from '#core/config.ts';
import type { Job } from '#core/job.ts';
import type { VmChoice } from '#core/select-vms.ts';

import { count, moment } from '../format.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { facts, named, notice, table } from '../parts.ts';
import { runForm, what, when, type JobRow } from './jobs.ts';
import { retentionPanel, type RetentionView } from './retention.ts';
import { runTable } from './runs.ts';

export interface JobView extends JobRow {
  readonly repository: RepositoryConfig | undefined;
  readonly endpointName: string;
  /** The coming times, epoch ms. */
  readonly coming: readonly number[];
  /** Every VM of the endpoint with the verdict on it; undefined when it did not answer. */
  readonly choices: readonly VmChoice[] | undefined;
  /** VMs that the job names and that are gone. */
  readonly missing: readonly string[];
  readonly retention: RetentionView;
  readonly nowMs: number;
  readonly csrf?: string;
}

const mostVms = 100;

export function jobPage(view: JobView): Html {
  const { job, csrf, nowMs } = view;
  return html`<div class="head"><h1>${named(job.name)}</h1><div class="actions">${runForm(job, csrf)}${pauseForm(job, csrf)}<a class="button plain" href="/jobs/${job.id}/edit">Change</a></div></div>
${view.missing.length === 0 ? null : notice('warn', `It names VMs that are gone: ${view.missing.join(', ')}.`)}
<section class="panel">${facts([
    ['VMs', what(job)],
    ['Endpoint', named(view.endpointName)],
    [
      'Repository',
      view.repository === undefined ? 'gone: choose another' : named(view.repository.name),
    ],
    ['When', when(job)],
    ['Comes next', comingWords(view)],
    ['Full backup', fullsWords(job)],
    [
      'Guest file systems',
      job.onQuiesceFailure === 'fail' ? 'quiesced, or the VM fails' : 'quiesced where possible',
    ],
  ])}</section>
<section class="panel"><h2>Latest runs</h2>${runTable('Newest first', view.lastRuns.slice(0, 5), nowMs)}</section>
${chosenPanel(view)}
${retentionPanel(view.retention)}
<section class="panel"><details><summary>Delete this job</summary><p>Its restore points stay and can be restored from.</p>
<form method="post" action="/jobs/${job.id}/delete">${csrfField(csrf)}<button class="danger">Delete ${named(job.name)}</button></form></details></section>`;
}

function fullsWords({ maxChainLength, fulls, activeFullDays = 0 }: Job): string {
  const how = fulls === 'synthetic' ? 'made from the chain' : 'read from the VM';
  const aged =
    activeFullDays === 0 ? '' : `; read from the VM every ${count(activeFullDays, 'day')}`;
  return `at the latest after ${count(maxChainLength, 'incremental')}, ${how}${aged}`;
}

function pauseForm(job: Job, csrf: string | undefined): Html {
  return html`<form class="inline" method="post" action="/jobs/${job.id}/${job.enabled ? 'pause' : 'resume'}">${csrfField(csrf)}<button class="plain">${job.enabled ? 'Pause' : 'Resume'}</button></form>`;
}

function comingWords({ job, coming }: JobView): Html {
  if (job.schedule === undefined) return html`only when asked to`;
  if (!job.enabled) return html`nothing while it is paused`;
  const { timeZone } = job.schedule;
  return html`${coming.map((ms, i) => html`${i === 0 ? null : html`<br>`}${moment(ms, timeZone)}`)}<br><small class="quiet">${timeZone}</small>`;
}

function chosenPanel({ choices }: JobView): Html {
  if (choices === undefined)
    return html`<section class="panel"><h2>VMs</h2><p class="empty">The endpoint does not answer now, so they cannot be listed.</p></section>`;
  const chosen = choices.filter((choice) => choice.chosen);
  const left = choices.filter((choice) => !choice.chosen && choice.reason !== 'not selected');
  return html`<section class="panel"><h2>VMs</h2><p>${count(chosen.length, 'VM')} if it ran now; looked up anew at each run.</p>
${choiceTable('Chosen', chosen)}
${left.length === 0 ? null : html`<h3>Left out</h3>${choiceTable('Left out, and why', left)}`}</section>`;
}

function choiceTable(caption: string, choices: readonly VmChoice[]): Html {
  const more = choices.length - mostVms;
  return html`${table<VmChoice>(
    caption,
    [
      { head: 'VM', cell: ({ vm }) => named(vm.identity.name) },
      { head: 'Folder', cell: ({ vm }) => named(vm.folderPath) },
      { head: 'Why', cell: ({ reason }) => reason },
    ],
    choices.slice(0, mostVms),
    'No VM.',
  )}${more > 0 ? html`<p class="quiet">and ${more} more</p>` : null}`;
}
