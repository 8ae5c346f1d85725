import type { RepositoryConfig } from '#core/config.ts';
import { protectionGap } from '#core/disk-protection.ts';
import type { Finding } from '#core/preflight.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { VmDetails, VmDisk } from '#core/vm.ts';

import type { VmCheck } from '../../operations/check-vm.ts';
import { bytes } from '../format.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { choices, transportField } from '../form-parts.ts';
import {
  facts,
  further,
  named,
  notice,
  powerState,
  state,
  table,
  time,
  type Tone,
} from '../parts.ts';
import type { VmRow } from '../vm-rows.ts';
import { pointTable } from './restore-points.ts';
import { jobWords, protectionState } from './vms.ts';

export interface VmView {
  readonly row: VmRow;
  /** Absent when the endpoint did not answer; then `problem` says why. */
  readonly check?: VmCheck;
  readonly problem?: string;
  /** The newest, newest first. */
  readonly points: readonly RestorePoint[];
  readonly repositories: readonly RepositoryConfig[];
  readonly nowMs: number;
  readonly csrf?: string;
}

export function vmPage(view: VmView): Html {
  const { row, check, nowMs } = view;
  const { vm, protection } = row;
  return html`<div class="head"><h1>${named(vm.identity.name)}</h1>${protectionState(row)}</div>
${view.problem === undefined ? null : notice('bad', view.problem)}
<section class="panel">${facts([
    ['Last restore point', time(protection.lastMs, nowMs)],
    ['Job', jobWords(row)],
    ['Next run', time(row.nextMs, nowMs)],
    ['Power', vm.template ? 'template' : powerState(vm.powerState)],
    ['Guest', vm.guestFullName],
    ['Folder', named(vm.folderPath)],
    ['Endpoint', named(row.endpoint.name)],
    ...(check === undefined ? [] : detailFacts(check.vm)),
  ])}</section>
${
  check === undefined
    ? null
    : html`<section class="panel"><h2>What a backup would meet</h2>${findingList(check.findings)}</section>
<section class="panel"><h2>Disks</h2>${diskTable(check.vm)}</section>`
}
<section class="panel"><h2>Restore points</h2>${pointTable('Newest first', view.points, { nowMs, ofOneVm: true })}
${further(row.points.length > view.points.length ? `/restore-points?vm=${encodeURIComponent(vm.identity.instanceUuid)}&endpoint=${encodeURIComponent(vm.identity.endpointUuid)}` : undefined, `All ${row.points.length}`)}</section>
${vm.template || row.own ? null : backUpForm(view)}`;
}

function detailFacts(vm: VmDetails): readonly (readonly [string, string])[] {
  const tracking = vm.changeTrackingEnabled
    ? 'on'
    : vm.changeTrackingSupported
      ? 'off; the next backup switches it on'
      : 'not supported here';
  return [
    ['VMware Tools', vm.toolsRunning ? 'running' : 'not running'],
    ['Changed block tracking', tracking],
    ['Hardware version', String(vm.hardwareVersion)],
  ];
}

const tones: Readonly<Record<Finding['effect'], readonly [Tone, string]>> = {
  blocks: ['bad', 'no backup'],
  degrades: ['warn', 'lacks something'],
  informs: ['idle', 'good to know'],
};

function findingList(findings: readonly Finding[]): Html {
  if (findings.length === 0) return html`<p>${state('good', 'nothing in the way')}</p>`;
  return html`<ul class="findings">${findings.map((f) => html`<li>${state(...tones[f.effect])} ${f.text}</li>`)}</ul>`;
}

function diskTable(vm: VmDetails): Html {
  return table<VmDisk>(
    'Disks of the VM as it is now',
    [
      { head: 'Disk', cell: (d) => d.label },
      { head: 'Capacity', number: true, cell: (d) => bytes(d.capacityBytes) },
      { head: 'File', cell: (d) => html`<code>${named(d.backing.fileName)}</code>` },
      { head: 'Provisioning', cell: (d) => (d.backing.thin ? 'thin' : 'thick') },
      {
        head: 'In a backup',
        cell: (d) => {
          const gap = protectionGap(d);
          return gap === undefined ? state('good', 'yes') : html`${state('bad', 'no')} ${gap}`;
        },
      },
    ],
    vm.disks,
    'It has no disk.',
  );
}

function backUpForm({ row, repositories, csrf }: VmView): Html {
  const { vm, endpoint } = row;
  if (repositories.length === 0)
    return html`<section class="panel"><h2>Back up now</h2><p>A backup needs a place: <a href="/repositories">add a repository</a> first.</p></section>`;
  return html`<section class="panel"><h2>Back up now</h2><form class="fields" method="post" action="/vms/back-up">${csrfField(csrf)}
<input type="hidden" name="endpoint" value="${endpoint.id}"><input type="hidden" name="vm" value="${vm.identity.moref}">
<label>Repository<select name="repository">${choices(repositories, undefined)}</select></label>
<label>Guest file systems<select name="quiesce">${choices(
    [
      { id: 'preferred', name: 'quiesced where possible' },
      { id: 'required', name: 'quiesced, or fail' },
      { id: 'off', name: 'as after a power cut (crash-consistent)' },
    ],
    'preferred',
  )}</select></label>
${transportField()}
<label class="choice"><input type="checkbox" name="forceFull" value="yes"> Read every disk whole (full backup)</label>
<div><button>Back up</button></div></form></section>`;
}
