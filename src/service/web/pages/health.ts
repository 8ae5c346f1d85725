import type { HealthReport, JournalView } from '#core/api.ts';
import type { JournalEntry } from '#core/journal.ts';
import type { StrayView } from '#core/strays.ts';

import { duration } from '../format.ts';
import { strayPanel } from './strays.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { facts, named, state, table, time } from '../parts.ts';

export function healthPage(
  health: HealthReport,
  journal: JournalView,
  options: { nowMs: number; csrf?: string; strays: StrayView | undefined },
): Html {
  const { nowMs, csrf } = options;
  return html`<h1>Health</h1><p class="lead">Everything coldframe has done to vSphere and not yet undone stands in the journal below.</p>
<section class="panel"><h2>Checks</h2>${table(
    'Checks',
    [
      { head: 'Check', cell: (c) => named(c.name) },
      { head: 'State', cell: (c) => (c.ok ? state('good', 'ok') : state('bad', 'needs a look')) },
      { head: 'What', cell: (c) => c.message },
    ],
    health.checks,
    'No checks.',
  )}</section>
<section class="panel"><div class="head"><h2>Open in the journal</h2>
<form method="post" action="/health/recover">${csrfField(csrf)}<button class="plain">Undo what is left now</button></form></div>
${journalTable('Side effects that are still there, or may be', journal.open, nowMs, 'Nothing of ours is left on any endpoint.')}</section>
${strayPanel(options.strays, options)}
<section class="panel"><h2>Lately undone</h2>${journalTable('Newest first', journal.recent, nowMs, 'The journal is empty.')}</section>
<section class="panel"><h2>This appliance</h2>${facts([
    ['Version', health.version],
    ['Appliance id', html`<code>${health.applianceId}</code>`],
    ['Up for', duration(nowMs - health.startedAtMs)],
  ])}</section>`;
}

function journalTable(
  caption: string,
  entries: readonly JournalEntry[],
  nowMs: number,
  empty: string,
): Html {
  return table<JournalEntry>(
    caption,
    [
      { head: 'What', cell: (e) => e.kind.replaceAll('-', ' ') },
      { head: 'State', cell: (e) => state(e.state === 'undone' ? 'good' : 'warn', e.state) },
      { head: 'Since', cell: (e) => time(e.createdAtMs, nowMs) },
      ...(entries.every(({ state: at }) => at === 'undone')
        ? []
        : [
            {
              head: 'Why it is still open',
              cell: (e: JournalEntry) =>
                e.lastFailure ?? html`<span class="quiet">its task is at work</span>`,
            },
          ]),
      {
        head: 'Detail',
        cell: (e) => html`<code>${named(Object.values(e.detail).flat().join(' · '))}</code>`,
      },
    ],
    entries,
    empty,
  );
}
