import type { HealthReport } from '#core/api.ts';
import type { RunRecord, TaskRecord } from '#core/run.ts';

import type { DaysOfVm } from '../day-grid.ts';
import { count } from '../format.ts';
import { html, type Html } from '../html.ts';
import { figures, further, named, notice } from '../parts.ts';
import type { RepositorySpace } from '../space.ts';
import type { VmRow } from '../vm-rows.ts';
import { dayGrid } from './day-grid.ts';
import { spaceTable } from './repositories.ts';
import { runTable } from './runs.ts';
import { vmLink } from './vm-path.ts';
import { workTable } from './work.ts';

export interface DashboardView {
  readonly rows: readonly VmRow[];
  /** Endpoints that did not answer, with the reason. */
  readonly failures: readonly {
    readonly endpoint: { readonly name: string };
    readonly message: string;
  }[];
  readonly health: HealthReport;
  readonly runs: readonly RunRecord[];
  /** Tasks that are under way. */
  readonly work: readonly TaskRecord[];
  readonly days: readonly DaysOfVm[];
  readonly space: readonly RepositorySpace[];
  readonly nowMs: number;
  /** What a new appliance still needs; empty when set up. */
  readonly missing: readonly { readonly text: string; readonly href: string }[];
}

const dayMs = 86_400_000;
const mostNames = 8;

export function dashboardPage(view: DashboardView): Html {
  return html`<h1>Dashboard</h1><p class="lead">Which VMs are safe, which are late, and what needs a hand.</p>
${view.missing.length === 0 ? null : firstSteps(view.missing)}
${dashboardFragment(view)}`;
}

/** The part that changes; also sent by itself to live pages. */
export function dashboardFragment(view: DashboardView): Html {
  const { nowMs, work } = view;
  return html`<div id="dashboard">
${troubles(view)}
${protectionFigures(view)}
${work.length === 0 ? null : html`<section class="panel"><h2>At work now</h2>${workTable(work, nowMs)}</section>`}
${unprotected(view.rows)}
<section class="panel"><h2>Latest runs</h2>${runTable('The eight newest', view.runs.slice(0, 8), nowMs)}
${further(view.runs.length > 8 ? '/runs' : undefined, 'All runs')}</section>
<div class="columns">
<section class="panel"><h2>Last seven days</h2>${dayGrid(view.days, nowMs)}</section>
<section class="panel"><h2>Repositories</h2>${spaceTable(view.space)}</section>
</div></div>`;
}

function protectionFigures({ rows, runs, health, nowMs }: DashboardView): Html {
  const counted = rows.filter(({ expected }) => expected);
  const level = (wanted: VmRow['protection']['level']): number =>
    counted.filter(({ protection }) => protection.level === wanted).length;
  const recent = runs.filter((run) => nowMs - run.createdAtMs < dayMs);
  const failed = recent.filter(({ state }) => state === 'failed' || state === 'interrupted').length;
  const link = (show: string, n: number): Html => html`<a href="/vms?show=${show}">${n}</a>`;
  return figures([
    { name: 'Protected', value: link('protected', level('protected')), note: 'VMs' },
    { name: 'Late', value: link('late', level('late')), note: 'newest too old' },
    {
      name: 'Unprotected',
      value: link('unprotected', level('unprotected')),
      note: 'no restore point',
    },
    {
      name: 'Last 24 hours',
      value: recent.length,
      note:
        recent.length === 0
          ? 'runs'
          : failed === 0
            ? 'runs, none failed'
            : `runs, ${failed} failed`,
    },
    { name: 'At work', value: health.running, note: `${health.queued} waiting` },
  ]);
}

function firstSteps(missing: DashboardView['missing']): Html {
  return html`<section class="panel"><h2>To begin</h2><ol class="begin">${missing.map((m) => html`<li><a href="${m.href}">${m.text}</a></li>`)}</ol></section>`;
}

function troubles({ health, failures }: DashboardView): Html[] {
  return [
    ...failures.map((f) => notice('bad', html`Endpoint ${named(f.endpoint.name)}: ${f.message}`)),
    ...health.checks
      .filter((check) => !check.ok)
      .map((check) =>
        notice('bad', html`${check.name}: ${check.message} <a href="/health">See Health</a>`),
      ),
  ];
}

/** Names those that have no restore point, those without a job first: nothing will change there. */
function unprotected(rows: readonly VmRow[]): Html | null {
  const bare = rows.filter(
    ({ expected, protection }) => expected && protection.level === 'unprotected',
  );
  if (bare.length === 0) return null;
  const forgotten = bare.filter(({ jobs }) => jobs.length === 0);
  const listed = [...forgotten, ...bare.filter(({ jobs }) => jobs.length > 0)].slice(0, mostNames);
  return html`<section class="panel"><h2>Without a restore point</h2>
<p>${count(forgotten.length, 'VM is', 'VMs are')} in no job${forgotten.length === 0 ? '; the others wait for their first run' : null}.</p>
<ul class="names">${listed.map((row) => html`<li>${vmLink(row)}${row.jobs.length === 0 ? html` <small class="quiet">in no job</small>` : null}</li>`)}</ul>
${further(bare.length > listed.length ? '/vms?show=unprotected' : undefined, `All ${bare.length}`)}</section>`;
}
