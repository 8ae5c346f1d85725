import type { Stray, StrayView } from '#core/strays.ts';

import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { named, notice, state, table, time } from '../parts.ts';

/** What stands in vSphere and no open journal entry accounts for. */
export function strayPanel(
  view: StrayView | undefined,
  { nowMs, csrf }: { readonly nowMs: number; readonly csrf?: string },
): Html {
  const ours = view?.strays.some(({ release }) => release === 'ours') === true;
  return html`<section class="panel"><div class="head"><h2>Left behind in vSphere</h2>
<form method="post" action="/health/strays/look">${csrfField(csrf)}<button class="plain">Look now</button></form>
${ours ? html`<form method="post" action="/health/strays/release">${csrfField(csrf)}<button class="plain">Release what is ours</button></form>` : null}</div>
${
  view === undefined
    ? html`<p class="quiet">Not looked for yet. coldframe looks every hour.</p>`
    : html`${view.unreachable.map(({ endpoint, reason }) => notice('warn', `${endpoint}: ${reason}`))}
${strayTable(view, nowMs)}`
}</section>`;
}

function strayTable({ strays, lookedAtMs }: StrayView, nowMs: number): Html {
  return html`<p class="quiet">Looked ${time(lookedAtMs, nowMs)}.</p>${table<Stray>(
    'What no task accounts for',
    [
      { head: 'What', cell: ({ text }) => named(text) },
      { head: 'Since', cell: ({ sinceMs }) => time(sinceMs, nowMs) },
      { head: 'Whose', cell: whose },
    ],
    strays,
    'Nothing is left.',
  )}`;
}

function whose({ release, id }: Stray): Html {
  if (release === 'ours') return state('bad', 'ours');
  if (release === 'never') return state('idle', 'not ours');
  return html`${state('warn', 'look at it')} <code>coldframe stray release ${id}</code>`;
}
