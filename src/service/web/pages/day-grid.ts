import { dayMs, type DaysOfVm } from '../day-grid.ts';
import { count } from '../format.ts';
import { html, type Html } from '../html.ts';
import { named } from '../parts.ts';
import { vmPath } from './vm-path.ts';

/** One row a VM, one cell a day; the sign in a cell says what the colour says. */
export function dayGrid(rows: readonly DaysOfVm[], nowMs: number): Html {
  if (rows.length === 0) return html`<p class="empty">No restore point yet.</p>`;
  const today = Math.floor(nowMs / dayMs);
  const heads = rows[0]!.days.map((_, i, all) => {
    const date = new Date((today - all.length + 1 + i) * dayMs);
    const weekday = date.toLocaleDateString('en-GB', { weekday: 'short', timeZone: 'UTC' });
    return html`<th scope="col" title="${date.toISOString().slice(0, 10)}">${weekday}</th>`;
  });
  const body = rows.map(
    ({ row: { endpoint, vm }, days }) =>
      html`<tr><th scope="row"><a href="${vmPath(endpoint.id, vm.identity.moref)}">${named(vm.identity.name)}</a></th>${days.map(cell)}</tr>`,
  );
  return html`<table class="grid-days"><caption>VMs with restore points, the late ones first. ✓ made, ! made with a warning, · none. Days are UTC.</caption><thead><tr><th scope="col">VM</th>${heads}</tr></thead><tbody>${body}</tbody></table>`;
}

function cell({ made, warned }: DaysOfVm['days'][number]): Html {
  if (made === 0) return html`<td class="day" title="no restore point">·</td>`;
  const words = `${count(made, 'restore point')}${warned ? ', with a warning' : ''}`;
  return html`<td class="day ${warned ? 'warn' : 'good'}" title="${words}">${warned ? '!' : '✓'}</td>`;
}
