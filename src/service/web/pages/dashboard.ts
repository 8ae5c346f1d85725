import type { HealthReport, RepositoryView } from '#core/api.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { RunRecord } from '#core/run.ts';

import { bytes, count } from '../format.ts';
import { html, type Html } from '../html.ts';
import { figures, state, table } from '../parts.ts';
import type { Protection } from '../protection.ts';
import { runTable } from './runs.ts';

export interface DashboardView {
  readonly protection: Readonly<Record<Protection['level'], number>>;
  readonly health: HealthReport;
  readonly runs: readonly RunRecord[];
  readonly points: readonly RestorePoint[];
  readonly repositories: readonly RepositoryView[];
  readonly nowMs: number;
  /** What a new appliance still needs; empty when set up. */
  readonly missing: readonly { readonly text: string; readonly href: string }[];
}

const dayMs = 86_400_000;

export function dashboardPage(view: DashboardView): Html {
  return html`<h1>Dashboard</h1><p class="lead">Which VMs are safe, which are late, and what needs a hand.</p>
${view.missing.length === 0 ? null : firstSteps(view.missing)}
${dashboardFragment(view)}`;
}

/** The part that changes; also sent by itself to live pages. */
export function dashboardFragment(view: DashboardView): Html {
  const { health, nowMs } = view;
  const recent = view.runs.filter((run) => nowMs - run.createdAtMs < dayMs);
  const failed = recent.filter(
    (run) => run.state === 'failed' || run.state === 'interrupted',
  ).length;
  return html`<div id="dashboard">
${troubles(health)}
${figures([
  { name: 'Protected', value: view.protection.protected, note: 'VMs' },
  { name: 'Late', value: view.protection.late, note: 'older than 26 h' },
  { name: 'Unprotected', value: view.protection.unprotected, note: 'no restore point' },
  {
    name: 'Last 24 hours',
    value: recent.length,
    note: failed === 0 ? 'runs, none failed' : `runs, ${failed} failed`,
  },
  { name: 'At work', value: health.running, note: `${health.queued} waiting` },
])}
<section class="panel"><h2>Latest runs</h2>${runTable('The ten newest runs', view.runs.slice(0, 10), nowMs)}</section>
<div class="columns">
<section class="panel"><h2>Last seven days</h2>${dayGrid(view.points, nowMs)}</section>
<section class="panel"><h2>Repositories</h2>${repositoryTable(view.repositories)}</section>
</div></div>`;
}

export function protectionState(protection: Protection): Html {
  switch (protection.level) {
    case 'protected':
      return state('good', 'protected');
    case 'late':
      return state('warn', 'late');
    case 'unprotected':
      return state('bad', 'unprotected');
    default:
      return protection.level satisfies never;
  }
}

function firstSteps(missing: DashboardView['missing']): Html {
  return html`<section class="panel"><h2>To begin</h2><ol>${missing.map((m) => html`<li><a href="${m.href}">${m.text}</a></li>`)}</ol></section>`;
}

function troubles(health: HealthReport): Html[] {
  return health.checks
    .filter((check) => !check.ok)
    .map(
      (check) =>
        html`<div class="notice bad" role="alert"><p>${check.message} <a href="/health">Health</a></p></div>`,
    );
}

/** One row a VM, one cell a day; the sign in a cell says what the colour says. */
function dayGrid(points: readonly RestorePoint[], nowMs: number): Html {
  const today = Math.floor(nowMs / dayMs);
  const days = Array.from({ length: 7 }, (_, i) => today - 6 + i);
  const byVm = Map.groupBy(points, (p) => p.header.vm.name);
  if (byVm.size === 0) return html`<p class="empty">No restore point yet.</p>`;
  const head = days.map(
    (day) => html`<th scope="col">${new Date(day * dayMs).toISOString().slice(8, 10)}</th>`,
  );
  const rows = [...byVm].slice(0, 30).map(([name, list]) => {
    const cells = days.map((day) => {
      const made = list.filter((p) => Math.floor(p.header.createdAtMs / dayMs) === day);
      if (made.length === 0) return html`<td class="day"><span class="quiet">·</span></td>`;
      const warned = made.some((p) => p.header.warnings.length > 0);
      return html`<td class="day ${warned ? 'warn' : 'good'}" title="${count(made.length, 'restore point')}">${warned ? '!' : '✓'}</td>`;
    });
    return html`<tr><th scope="row">${name}</th>${cells}</tr>`;
  });
  return html`<div class="scroll"><table class="grid-days"><caption>Restore points by VM and day (UTC)</caption><thead><tr><th scope="col">VM</th>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function repositoryTable(repositories: readonly RepositoryView[]): Html {
  return table<RepositoryView>(
    'Space',
    [
      { head: 'Repository', cell: (r) => html`<a href="/repositories">${r.name}</a>` },
      {
        head: 'Free',
        number: true,
        cell: (r) => (r.freeBytes === undefined ? '–' : bytes(r.freeBytes)),
      },
      {
        head: 'State',
        cell: (r) => (r.error === undefined ? state('good', 'ready') : state('bad', 'unusable')),
      },
    ],
    repositories,
    html`No repository yet. <a href="/repositories">Add one.</a>`,
  );
}
