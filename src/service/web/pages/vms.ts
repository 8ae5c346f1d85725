import type { Endpoint } from '#core/config.ts';
import type { RepositoryConfig } from '#core/config.ts';
import type { VmSummary } from '#core/vm.ts';

import type { Protection } from '../protection.ts';
import { bytes, count } from '../format.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { powerState, table, time } from '../parts.ts';
import { protectionState } from './dashboard.ts';

export interface VmRow {
  readonly endpoint: Endpoint;
  readonly vm: VmSummary;
  readonly protection: Protection;
}

export interface VmsView {
  readonly rows: readonly VmRow[];
  readonly search: string;
  /** Endpoints that did not answer, with the reason. */
  readonly failures: readonly { readonly endpoint: Endpoint; readonly message: string }[];
  readonly repositories: readonly RepositoryConfig[];
  readonly nowMs: number;
  readonly csrf?: string;
}

export function vmsPage(view: VmsView): Html {
  return html`<h1>VMs</h1><p class="lead">Every virtual machine that the endpoints show, and how it is protected.</p>
${view.failures.map((f) => html`<div class="notice bad" role="alert"><p>${f.endpoint.name}: ${f.message}</p></div>`)}
<section class="panel">
<form method="get" action="/vms" class="fields" role="search"><label>Find a VM by name or folder
<input type="search" name="q" value="${view.search}" autocomplete="off"></label></form>
<p class="quiet" role="status">${count(view.rows.length, 'VM')}</p>
${table<VmRow>(
  'Virtual machines',
  [
    {
      head: 'VM',
      cell: ({ vm }) => html`${vm.identity.name}<br><small class="quiet">${vm.folderPath}</small>`,
    },
    { head: 'Protection', cell: ({ protection }) => protectionState(protection) },
    { head: 'Last restore point', cell: ({ protection }) => time(protection.lastMs, view.nowMs) },
    { head: 'Power', cell: ({ vm }) => (vm.template ? 'template' : powerState(vm.powerState)) },
    {
      head: 'Disks',
      number: true,
      cell: ({ vm }) =>
        html`${vm.diskCount} <small class="quiet">${bytes(vm.totalDiskBytes)}</small>`,
    },
    { head: 'Endpoint', cell: ({ endpoint }) => endpoint.name },
    { head: 'Now', cell: (row) => backUpForm(row, view) },
  ],
  view.rows,
  view.search === ''
    ? 'No endpoint shows a VM. Add a vCenter or ESXi host under Settings.'
    : 'No VM fits these words.',
)}</section>`;
}

function backUpForm({ vm, endpoint }: VmRow, view: VmsView): Html | null {
  const [first] = view.repositories;
  if (vm.template || first === undefined) return null;
  return html`<form method="post" action="/vms/back-up" class="inline">${csrfField(view.csrf)}
<input type="hidden" name="endpoint" value="${endpoint.id}"><input type="hidden" name="vm" value="${vm.identity.moref}">
<input type="hidden" name="repository" value="${first.id}">
<button class="plain" aria-label="Back up ${vm.identity.name} now">Back up</button></form>`;
}
