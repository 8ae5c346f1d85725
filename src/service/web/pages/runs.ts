import { isEnded, type RunRecord, type TaskDisk, type TaskRecord } from '#core/run.ts';
import type { LogLine } from '#core/api.ts';

import { bytes, count, duration, rate } from '../format.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { bar, facts, runState, table, time } from '../parts.ts';

export function runsPage(runs: readonly RunRecord[], nowMs: number, older?: string): Html {
  return html`<div class="head"><div><h1>Runs</h1><p class="lead">What coldframe was asked to do, and what became of it.</p></div></div>
<section class="panel">${runTable('Newest first', runs, nowMs)}
${older === undefined ? null : html`<p><a href="/runs?after=${older}">Older runs</a></p>`}</section>`;
}

export function runTable(caption: string, runs: readonly RunRecord[], nowMs: number): Html {
  return table<RunRecord>(
    caption,
    [
      { head: 'Run', cell: (run) => html`<a href="/runs/${run.id}">${run.title}</a>` },
      { head: 'State', cell: (run) => runState(run.state) },
      { head: 'Job', cell: (run) => run.jobName ?? html`<span class="quiet">by hand</span>` },
      { head: 'VMs', number: true, cell: (run) => run.taskIds.length },
      { head: 'Started', cell: (run) => time(run.startedAtMs ?? run.createdAtMs, nowMs) },
      { head: 'Took', number: true, cell: (run) => took(run, nowMs) },
    ],
    runs,
    'Nothing has run yet.',
  );
}

export interface RunView {
  readonly run: RunRecord;
  readonly tasks: readonly TaskRecord[];
  readonly log: readonly LogLine[];
  readonly nowMs: number;
  readonly csrf?: string;
}

export function runPage(view: RunView): Html {
  const { run } = view;
  return html`<div class="head"><h1>${run.title}</h1>${cancelForm(view)}</div>
${runFragment(view)}
${logFragment(view.log)}`;
}

/** The part of the run page that changes while it runs; also sent by itself to live pages. */
export function runFragment({ run, tasks, nowMs }: RunView): Html {
  return html`<div id="run">
<section class="panel">${facts([
    ['State', runState(run.state)],
    ['Job', run.jobName ?? 'started by hand'],
    ['Started', time(run.startedAtMs, nowMs)],
    ['Took', took(run, nowMs)],
    ['Run id', html`<code>${run.id}</code>`],
  ])}</section>
${tasks.map((task) => taskPanel(task, nowMs))}
</div>`;
}

export function logFragment(lines: readonly LogLine[]): Html {
  const text = lines
    .map(
      (line) =>
        `${new Date(line.timeMs).toISOString().slice(11, 19)}  ${line.level.padEnd(5)} ${line.message}`,
    )
    .join('\n');
  return html`<div id="log"><section class="panel"><h2>Log</h2><pre class="log" tabindex="0">${text === '' ? 'Nothing yet.' : text}</pre></section></div>`;
}

function taskPanel(task: TaskRecord, nowMs: number): Html {
  return html`<section class="panel"><div class="head"><h2>${task.subject}</h2>${runState(task.state)}</div>
${task.error === undefined ? null : html`<div class="notice bad" role="alert"><p>${task.error.message}</p></div>`}
${task.warnings.map((warning) => html`<div class="notice warn"><p>${warning}</p></div>`)}
${table<TaskDisk>(
  'Disks',
  [
    { head: 'Disk', cell: (disk) => disk.label },
    { head: 'Phase', cell: (disk) => disk.phase.replace('-', ' ') },
    {
      head: 'Done',
      cell: (disk) => bar(`${task.subject} ${disk.label}`, disk.doneBytes, disk.totalBytes),
    },
    { head: 'Stored', number: true, cell: (disk) => bytes(disk.storedBytes) },
    { head: 'Transport', cell: (disk) => disk.transport ?? '–' },
  ],
  task.disks,
  isEnded(task.state) ? 'No disk was reached.' : 'No disk is open yet.',
)}
${summary(task, nowMs)}</section>`;
}

function summary(task: TaskRecord, nowMs: number): Html | null {
  if (task.startedAtMs === undefined || task.disks.length === 0) return null;
  const read = task.disks.reduce((sum, disk) => sum + disk.doneBytes, 0);
  const stored = task.disks.reduce((sum, disk) => sum + disk.storedBytes, 0);
  const elapsed = (task.endedAtMs ?? nowMs) - task.startedAtMs;
  return html`<p class="quiet">${count(task.disks.length, 'disk')}, ${bytes(read)} read at ${rate(read, elapsed)}, ${bytes(stored)} stored, ${duration(elapsed)}.</p>`;
}

function cancelForm({ run, csrf }: RunView): Html | null {
  if (isEnded(run.state)) return null;
  return html`<form method="post" action="/runs/${run.id}/cancel">${csrfField(csrf)}<button class="danger" title="Stops reading, detaches the disks and removes the snapshot">Cancel and clean up</button></form>`;
}

function took(run: RunRecord, nowMs: number): string {
  if (run.startedAtMs === undefined) return '–';
  return duration((run.endedAtMs ?? nowMs) - run.startedAtMs);
}
