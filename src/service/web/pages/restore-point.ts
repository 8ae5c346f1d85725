import type { RestorePoint } from '#core/restore-point.ts';
import type { Damage, Pin } from '#core/restore-point-marks.ts';

import { bytes, count, moment } from '../format.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { facts, named, notice, table, time } from '../parts.ts';
import { consistencyWords } from './restore-points.ts';
import { restoreForm, type RestoreFormView } from './restore-form.ts';

export interface RestorePointView extends RestoreFormView {
  readonly pin?: Pin;
  readonly damage?: Damage;
  readonly provenAtMs?: number;
  readonly repositoryName: string;
  readonly nowMs: number;
}

export function restorePointPage(view: RestorePointView): Html {
  const { point, damage, provenAtMs, nowMs, csrf } = view;
  const { header } = point;
  return html`<h1>${named(header.vm.name)}</h1><p class="lead">Restore point of ${moment(header.createdAtMs)} UTC, ${time(header.createdAtMs, nowMs)}</p>
${damage === undefined ? null : notice('bad', html`<strong>Damaged:</strong> verification found ${time(damage.atMs, nowMs)} that ${damage.path} is wrong: ${damage.message} The next backup reads again what was lost, or begins a new chain.`)}
${header.warnings.map((warning) => notice('warn', warning))}
${header.skippedDisks.map((disk) => notice('warn', html`<strong>${disk.deviceLabel} is not in it:</strong> ${disk.reason}`))}
<section class="panel">${facts([
    [
      'Kind',
      header.parent === null
        ? header.kind
        : html`${header.kind}, on <a href="/restore-points/${header.parent.id}">its parent</a>`,
    ],
    ['Consistency', consistencyWords[header.consistency]],
    ['Made by', header.jobName === null ? 'a run by hand' : html`job ${named(header.jobName)}`],
    ['Run', html`<a href="/runs/${header.runId}">${header.runId}</a>`],
    ['Repository', named(view.repositoryName)],
    ['Archive', html`<code>${point.path}</code>, ${bytes(point.archiveBytes)}`],
    ['Seal', html`<code>${point.seal}</code>`],
    ['Proven', provenAtMs === undefined ? 'never' : time(provenAtMs, nowMs)],
  ])}</section>
<section class="panel"><h2>Disks</h2>${diskTable(point)}</section>
<section class="panel"><h2>Restore</h2>${restoreForm(view)}</section>
<section class="panel"><h2>Prove it</h2><p>Reads the whole chain and checks every digest. Nothing is changed.</p>
<form method="post" action="/restore-points/${header.id}/verify">${csrfField(csrf)}<button class="plain">Verify now</button></form></section>
${pinPanel(view)}
<section class="panel"><details><summary>Delete this restore point</summary><p>Its archive is deleted from the repository. It is refused while a later restore point builds on it, and for the VM's last one.</p>
<form class="fields" method="post" action="/restore-points/${header.id}/remove">${csrfField(csrf)}
<label>To delete it, type the VM's name: ${named(header.vm.name)}<input name="confirm" required autocomplete="off"></label>
<div><button class="danger">Delete</button></div></form></details></section>`;
}

function pinPanel({ point, pin, nowMs, csrf }: RestorePointView): Html {
  const path = `/restore-points/${point.header.id}`;
  if (pin !== undefined)
    return html`<section class="panel"><h2>Pinned</h2><p>${time(pin.atMs, nowMs)}${pin.note === '' ? null : html`: ${named(pin.note)}`}. Retention never removes it.</p>
<form method="post" action="${path}/unpin">${csrfField(csrf)}<button class="plain">Unpin</button></form></section>`;
  return html`<section class="panel"><h2>Keep it for good</h2><form class="fields" method="post" action="${path}/pin">${csrfField(csrf)}
<label>Why, for the person who asks later<input name="note" maxlength="500" autocomplete="off"></label>
<div><button class="plain">Pin</button></div></form></section>`;
}

function diskTable(point: RestorePoint): Html {
  const counts = new Map(point.disks.map((disk) => [disk.label, disk]));
  return table(
    count(point.header.disks.length, 'disk'),
    [
      {
        head: 'Disk',
        cell: (d) =>
          html`${d.deviceLabel}<br><small class="quiet">${named(d.backing.fileName)}</small>`,
      },
      { head: 'Capacity', number: true, cell: (d) => bytes(d.capacityBytes) },
      { head: 'Read', number: true, cell: (d) => bytes(counts.get(d.label)?.mappedBytes ?? 0) },
      { head: 'How', cell: (d) => html`${d.mode}<br><small class="quiet">${d.modeReason}</small>` },
      {
        head: 'Transport',
        cell: (d) => html`${d.transport}<br><small class="quiet">${d.transportReason}</small>`,
      },
    ],
    point.header.disks,
    'It holds no disk.',
  );
}
