import type { RunRecord } from '#core/run.ts';

import { duration } from '../format.ts';
import { html, type Html } from '../html.ts';
import { further, named, runState, table, time } from '../parts.ts';

export function runsPage(runs: readonly RunRecord[], nowMs: number, older?: string): Html {
  return html`<h1>Runs</h1><p class="lead">What coldframe was asked to do, and what became of it.</p>
<section class="panel">${runTable('Newest first', runs, nowMs)}
${further(older === undefined ? undefined : `/runs?after=${older}`, 'Older runs')}</section>`;
}

export function runTable(caption: string, runs: readonly RunRecord[], nowMs: number): Html {
  return table<RunRecord>(
    caption,
    [
      { head: 'Run', cell: (run) => html`<a href="/runs/${run.id}">${named(run.title)}</a>` },
      { head: 'State', cell: (run) => runState(run.state) },
      {
        head: 'Job',
        cell: (run) =>
          run.jobName === null ? html`<span class="quiet">by hand</span>` : named(run.jobName),
      },
      { head: 'VMs', number: true, cell: (run) => run.taskIds.length },
      { head: 'Started', cell: (run) => time(run.startedAtMs ?? run.createdAtMs, nowMs) },
      { head: 'Took', number: true, cell: (run) => took(run, nowMs) },
    ],
    runs,
    'Nothing has run yet.',
  );
}

export function took(run: RunRecord, nowMs: number): string {
  if (run.startedAtMs === undefined) return '–';
  return duration((run.endedAtMs ?? nowMs) - run.startedAtMs);
}
