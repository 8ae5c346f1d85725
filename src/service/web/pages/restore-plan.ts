import type { RestorePoint } from '#core/restore-point.ts';
import type { RestorePlan, RestorePlanDisk } from '#engine/requests.ts';

import type { RestoreOrder } from '../../operations/restores.ts';
import { bytes, moment } from '../format.ts';
import { transportName } from '../form-parts.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { facts, named, notice, table } from '../parts.ts';

export interface RestorePlanView {
  readonly plan: RestorePlan;
  readonly order: RestoreOrder;
  /** The first step's fields, sent again with the second. */
  readonly fields: readonly (readonly [string, string])[];
  readonly csrf?: string;
}

/** Second step: nothing has happened yet. */
export function restorePlanPage({ plan, order, fields, csrf }: RestorePlanView): Html {
  const { header } = plan.restorePoint;
  const inPlace = order.target.kind === 'in-place';
  return html`<h1>Restore ${named(header.vm.name)}: what would happen</h1><p class="lead">Nothing has been changed yet.</p>
${plan.warnings.map((warning) => notice('warn', warning))}
<section class="panel">${facts([
    ['State of', html`${moment(header.createdAtMs)} UTC`],
    [
      'Goes to',
      inPlace
        ? html`the existing VM ${named(plan.vmName)}: <strong>its disks are overwritten</strong>`
        : html`a new VM named ${named(plan.vmName)}`,
    ],
    ...(plan.willPowerOff
      ? [['Before', 'The VM is running and will be powered off.'] as const]
      : []),
    ['Afterwards', order.powerOn ? 'The VM is powered on.' : 'The VM stays powered off.'],
    ['Proof', proofWords[order.readBack]],
  ])}</section>
<section class="panel"><h2>Steps</h2><ol>${plan.steps.map((step) => html`<li>${step}</li>`)}</ol></section>
<section class="panel"><h2>Disks</h2>${table<RestorePlanDisk>(
    'Disks that are written',
    [
      { head: 'Disk', cell: (d) => d.deviceLabel },
      { head: 'Capacity', number: true, cell: (d) => bytes(d.capacityBytes) },
      {
        head: 'Written to',
        cell: (d) => html`${inPlace ? null : 'a new disk on '}<code>${named(d.fileName)}</code>`,
      },
      {
        head: 'How much',
        cell: (d) => html`${d.method}<br><small class="quiet">${d.methodReason}</small>`,
      },
      {
        head: 'Transport',
        cell: (d) =>
          d.transports.map(transportName).join(', else ') || 'none works: see VDDK in Settings',
      },
    ],
    plan.disks,
    'None.',
  )}</section>
<section class="panel"><h2>Archives</h2>${table<RestorePoint>(
    'What is read, oldest first',
    [
      { head: 'Archive', cell: (p) => html`<code>${p.path}</code>` },
      { head: 'Kind', cell: (p) => p.header.kind },
      { head: 'Stored', number: true, cell: (p) => bytes(p.archiveBytes) },
    ],
    plan.chain,
    'None.',
  )}</section>
<section class="panel"><form class="fields" method="post" action="/restore-points/${header.id}/restore">${csrfField(csrf)}
${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${inPlace ? html`<label>To overwrite its disks, type the VM's name: ${named(plan.vmName)}<input name="confirm" autocomplete="off" required></label>` : null}
<div><button${inPlace ? html` class="danger"` : null}>${inPlace ? 'Overwrite and restore' : 'Restore'}</button> <a class="button plain" href="/restore-points/${header.id}">Back</a></div></form></section>`;
}

const proofWords: Readonly<Record<RestoreOrder['readBack'], string>> = {
  full: 'Everything is read back and compared.',
  sampled: 'Samples are read back and compared.',
  off: 'None: what was written is not read back.',
};
