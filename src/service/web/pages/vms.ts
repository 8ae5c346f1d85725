import type { Inventory } from '../inventory.ts';
import type { VmRow } from '../vm-rows.ts';
import { ago, bytes, count } from '../format.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { further, named, notice, powerState, state, table, time } from '../parts.ts';
import { vmLink } from './vm-path.ts';

export const vmFilters = ['all', 'protected', 'late', 'unprotected'] as const;
export type VmFilter = (typeof vmFilters)[number];

export interface VmsView {
  /** One page of those that were found. */
  readonly rows: readonly VmRow[];
  readonly found: number;
  readonly search: string;
  readonly show: VmFilter;
  readonly failures: Inventory['failures'];
  readonly readAtMs: number;
  /** Where "Back up" puts things; absent without a repository. */
  readonly repositoryId?: string;
  /** The next page of the list. */
  readonly next?: string;
  readonly nowMs: number;
  readonly csrf?: string;
}

export function vmsPage(view: VmsView): Html {
  return html`<h1>VMs</h1><p class="lead">Every virtual machine that the endpoints show, and how it is protected.</p>
${view.failures.map((f) => notice('bad', html`Endpoint ${named(f.endpoint.name)}: ${f.message}`))}
<section class="panel">${searchForm(view)}
<p class="quiet">${count(view.found, 'VM')}, as the endpoints showed them ${view.nowMs - view.readAtMs < 5000 ? 'just now' : ago(view.readAtMs, view.nowMs)}.</p>
${table<VmRow>(
  'Virtual machines',
  [
    {
      head: 'VM',
      cell: (row) =>
        html`${vmLink(row)}<br><small class="quiet">${named(row.vm.folderPath)}</small>`,
    },
    {
      head: 'Protection',
      cell: protectionState,
    },
    { head: 'Last restore point', cell: ({ protection }) => time(protection.lastMs, view.nowMs) },
    { head: 'Job', cell: (row) => jobWords(row) },
    { head: 'Next run', cell: ({ nextMs }) => time(nextMs, view.nowMs) },
    { head: 'Power', cell: ({ vm }) => (vm.template ? 'template' : powerState(vm.powerState)) },
    {
      head: 'Disks',
      number: true,
      cell: ({ vm }) =>
        html`${vm.diskCount} <small class="quiet">${bytes(vm.totalDiskBytes)}</small>`,
    },
    { head: 'Now', cell: (row) => backUpForm(row, view) },
  ],
  view.rows,
  emptyWords(view),
)}${further(view.next, 'Further VMs')}</section>`;
}

export function protectionState({ own, expected, protection }: VmRow): Html {
  if (!expected) return html`<span class="quiet">${own ? 'this appliance' : '–'}</span>`;
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

export function jobWords({ expected, jobs }: VmRow): Html {
  if (jobs.length === 0) return html`<span class="quiet">${expected ? 'in no job' : '–'}</span>`;
  return html`${jobs.map((job, i) => html`${i === 0 ? null : ', '}<a href="/jobs/${job.id}">${named(job.name)}</a>${job.enabled ? null : ' (paused)'}`)}`;
}

function searchForm({ search, show }: VmsView): Html {
  const words = { all: 'all', protected: 'protected', late: 'late', unprotected: 'unprotected' };
  return html`<form method="get" action="/vms" class="search" role="search">
<label>Name or folder<input type="search" name="q" value="${search}" autocomplete="off"></label>
<label>Show<select name="show">${vmFilters.map((f) => html`<option value="${f}"${f === show ? html` selected` : null}>${words[f]}</option>`)}</select></label>
<button class="plain">Find</button></form>`;
}

function emptyWords({ search, show }: VmsView): Html {
  return search === '' && show === 'all'
    ? html`No endpoint shows a VM. <a href="/settings">Add a vCenter or ESXi host.</a>`
    : html`No VM fits. <a href="/vms">Show all.</a>`;
}

function backUpForm({ vm, endpoint, own }: VmRow, view: VmsView): Html | null {
  if (vm.template || own || view.repositoryId === undefined) return null;
  return html`<form method="post" action="/vms/back-up" class="inline">${csrfField(view.csrf)}
<input type="hidden" name="endpoint" value="${endpoint.id}"><input type="hidden" name="vm" value="${vm.identity.moref}">
<input type="hidden" name="repository" value="${view.repositoryId}">
<button class="plain" aria-label="Back up ${vm.identity.name}">Back up</button></form>`;
}
