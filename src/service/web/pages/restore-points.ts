import type { RestorePoint } from '#core/restore-point.ts';

import { bytes, count } from '../format.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { facts, table, time } from '../parts.ts';

export function restorePointsPage(
  points: readonly RestorePoint[],
  nowMs: number,
  older?: string,
): Html {
  return html`<h1>Restore points</h1><p class="lead">Each is one archive that <code>tar</code> and <code>zstd</code> can open. Choose one to restore from.</p>
<section class="panel">${table<RestorePoint>(
    'Newest first',
    [
      {
        head: 'VM',
        cell: (p) => html`<a href="/restore-points/${p.header.id}">${p.header.vm.name}</a>`,
      },
      { head: 'Taken', cell: (p) => time(p.header.createdAtMs, nowMs) },
      { head: 'Kind', cell: (p) => p.header.kind },
      { head: 'Consistency', cell: (p) => p.header.consistency.replace('-', ' ') },
      { head: 'Disks', number: true, cell: (p) => p.header.disks.length },
      { head: 'Stored', number: true, cell: (p) => bytes(p.archiveBytes) },
    ],
    points,
    'Nothing is protected yet.',
  )}${older === undefined ? null : html`<p><a href="/restore-points?after=${older}">Older restore points</a></p>`}</section>`;
}

export interface RestorePointView {
  readonly point: RestorePoint;
  readonly nowMs: number;
  readonly csrf?: string;
}

export function restorePointPage({ point, nowMs, csrf }: RestorePointView): Html {
  const { header } = point;
  return html`<h1>${header.vm.name}</h1><p class="lead">Restore point of ${time(header.createdAtMs, nowMs)}</p>
${header.warnings.map((warning) => html`<div class="notice warn"><p>${warning}</p></div>`)}
<section class="panel">${facts([
    ['Taken', new Date(header.createdAtMs).toISOString()],
    [
      'Kind',
      header.parent === null
        ? header.kind
        : html`${header.kind}, on <a href="/restore-points/${header.parent.id}">its parent</a>`,
    ],
    ['Consistency', header.consistency.replace('-', ' ')],
    ['Archive', html`<code>${point.path}</code>, ${bytes(point.archiveBytes)}`],
    ['Seal', html`<code>${point.seal}</code>`],
  ])}</section>
<section class="panel"><h2>Disks</h2>${diskTable(point)}
${header.skippedDisks.map((disk) => html`<p><strong>${disk.deviceLabel} is not in it:</strong> ${disk.reason}</p>`)}</section>
<section class="panel"><h2>Restore</h2>${restoreForm(point, csrf)}</section>
<section class="panel"><h2>Prove it</h2><p>Reads the whole chain and checks every digest. Nothing is changed.</p>
<form method="post" action="/restore-points/${header.id}/verify">${csrfField(csrf)}<button class="plain">Verify now</button></form></section>`;
}

function diskTable(point: RestorePoint): Html {
  const counts = new Map(point.disks.map((disk) => [disk.label, disk]));
  return table(
    count(point.header.disks.length, 'disk'),
    [
      {
        head: 'Disk',
        cell: (d) => html`${d.deviceLabel}<br><small class="quiet">${d.backing.fileName}</small>`,
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

/** Both ways on one form; the second step shows what would happen before anything does. */
function restoreForm(point: RestorePoint, csrf: string | undefined): Html {
  return html`<form class="fields" method="post" action="/restore-points/${point.header.id}/restore">${csrfField(csrf)}
<fieldset><legend>Where to</legend>
<label class="choice"><input type="radio" name="target" value="new-vm" checked> A new VM, powered off, beside the original</label>
<label class="choice"><input type="radio" name="target" value="in-place"> Into the existing VM: its disks are overwritten</label></fieldset>
<label>Name of the new VM<input name="name" value="${point.header.vm.name}-restored" maxlength="80" autocomplete="off"></label>
<label>To overwrite, type the VM's name<input name="confirm" autocomplete="off" aria-describedby="confirm-hint"><span class="hint" id="confirm-hint">Only needed for a restore into the existing VM, which must be powered off.</span></label>
<div><button>Restore</button></div></form>`;
}
