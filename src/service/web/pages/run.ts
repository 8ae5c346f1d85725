import type { LogLine } from '#core/api.ts';
import { isEnded, type RunRecord, type TaskRecord } from '#core/run.ts';

import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { facts, named, runState, time } from '../parts.ts';
import { runSteps } from './run-steps.ts';
import { taskPanel } from './task.ts';
import { took } from './runs.ts';

export interface RunView {
  readonly run: RunRecord;
  readonly tasks: readonly TaskRecord[];
  readonly log: readonly LogLine[];
  readonly nowMs: number;
  readonly csrf?: string;
}

/** A job may be about thousands of VMs: those that need a look come first, the rest is counted. */
const mostTasks = 50;

export function runPage(view: RunView): Html {
  const { run, csrf } = view;
  return html`<div class="head"><h1>${named(run.title)}</h1>${cancelForm(run, csrf)}</div>
${runFragment(view)}
${logFragment(view)}`;
}

/** The part that changes while it runs; also sent by itself to live pages. */
export function runFragment({ run, tasks, nowMs }: RunView): Html {
  const ordered = tasks.toSorted((a, b) => urgency(a) - urgency(b));
  const shown = ordered.slice(0, mostTasks);
  return html`<div id="run">
<section class="panel">${runSteps(run, tasks)}${facts([
    ['State', runState(run.state)],
    ['Job', run.jobName === null ? 'started by hand' : named(run.jobName)],
    ['Started', time(run.startedAtMs, nowMs)],
    ['Took', took(run, nowMs)],
    ...(tasks.length > 1 ? [['VMs', tally(tasks)] as const] : []),
    ['Run id', html`<code>${run.id}</code>`],
  ])}</section>
${shown.map((task) => taskPanel(task, nowMs))}
${shown.length === tasks.length ? null : html`<p class="quiet">${tasks.length - shown.length} more VMs are not shown; the log names them all.</p>`}
</div>`;
}

export function logFragment({ run, log }: RunView): Html {
  const text = log
    .map(
      (line) =>
        `${new Date(line.timeMs).toISOString().slice(11, 19)}  ${line.level.padEnd(5)} ${line.message}`,
    )
    .join('\n');
  return html`<div id="log"><section class="panel"><div class="head"><h2>Log</h2>${text === '' ? null : html`<a href="/runs/${run.id}/log">Download</a>`}</div>
<pre class="log" tabindex="0" role="region" aria-label="Log, times are UTC">${text === '' ? 'Nothing yet.' : text}</pre></section></div>`;
}

function urgency(task: TaskRecord): number {
  if (task.state === 'running') return 0;
  if (task.state === 'failed' || task.state === 'interrupted') return 1;
  return task.state === 'warned' ? 2 : 3;
}

function tally(tasks: readonly TaskRecord[]): string {
  const done = tasks.filter(({ state }) => isEnded(state)).length;
  const failed = tasks.filter(({ state }) => state === 'failed' || state === 'interrupted').length;
  return `${done} of ${tasks.length} done${failed === 0 ? '' : `, ${failed} failed`}`;
}

function cancelForm(run: RunRecord, csrf: string | undefined): Html | null {
  if (isEnded(run.state)) return null;
  return html`<form id="cancel" method="post" action="/runs/${run.id}/cancel">${csrfField(csrf)}<button class="danger" aria-describedby="cancel-hint">Cancel and clean up</button>
<br><small class="quiet" id="cancel-hint">Stops reading, detaches the disks, removes the snapshot.</small></form>`;
}
