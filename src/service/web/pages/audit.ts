import type { AuditCheck, AuditEntry } from '#core/audit.ts';

import { count } from '../format.ts';
import { html, type Html } from '../html.ts';
import { further, named, notice, state, table, time } from '../parts.ts';

export interface AuditView {
  readonly entries: readonly AuditEntry[];
  readonly check?: AuditCheck;
  readonly nowMs: number;
  readonly older?: string;
}

export function auditPage({ entries, check, nowMs, older }: AuditView): Html {
  return html`<div class="head"><div><h1>Audit log</h1><p class="lead">Who asked for what. Each entry carries a digest of itself and of the one before it.</p></div><a class="button plain" href="/settings/audit?check=yes">Check the whole log</a></div>
${check === undefined ? null : verdict(check)}
<section class="panel">${table<AuditEntry>(
    'Newest first',
    [
      { head: 'When', cell: (e) => time(e.timeMs, nowMs) },
      { head: 'Who', cell: (e) => html`${named(e.who)} <small class="quiet">${e.via}</small>` },
      { head: 'What', cell: (e) => e.action },
      { head: 'About', cell: (e) => html`${named(e.target)}${detail(e)}` },
      { head: 'Outcome', cell: (e) => outcome(e) },
    ],
    entries,
    'Nothing has been written down yet.',
  )}${further(older, 'Older entries')}</section>`;
}

function detail(entry: AuditEntry): Html | null {
  return entry.detail === undefined ? null : html`<br><small>${named(entry.detail)}</small>`;
}

function outcome({ outcome }: AuditEntry): Html {
  return state(outcome === 'done' ? 'good' : outcome === 'refused' ? 'warn' : 'bad', outcome);
}

function verdict({ entries, broken, head }: AuditCheck): Html {
  if (broken !== undefined)
    return notice(
      'bad',
      `Entry ${broken.seq} is not as it was written: ${broken.reason}. The ${broken.seq - 1} before it are.`,
    );
  const last = head === undefined ? '' : ` The last digest is ${head.digest}.`;
  return notice('good', `${count(entries, 'entry', 'entries')}, all as they were written.${last}`);
}
