import type { RunState } from '#core/run.ts';
import type { PowerState } from '#core/vm.ts';

import { ago, bytes } from './format.ts';
import { html, type Html, type HtmlValue } from './html.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'idle';

/** A word with a colour and a sign; the colour is never the only message. */
export function state(tone: Tone, word: string): Html {
  return html`<span class="state ${tone}">${word}</span>`;
}

const runTones: Readonly<Record<RunState, readonly [Tone, string]>> = {
  queued: ['idle', 'queued'],
  running: ['busy', 'running'],
  succeeded: ['good', 'done'],
  warned: ['warn', 'done with warnings'],
  failed: ['bad', 'failed'],
  cancelled: ['idle', 'cancelled'],
  interrupted: ['bad', 'interrupted'],
};

export function runState(value: RunState): Html {
  return state(...runTones[value]);
}

export function runWords(value: RunState): string {
  return runTones[value][1];
}

export function powerState(value: PowerState): string {
  return value === 'poweredOn' ? 'on' : value === 'poweredOff' ? 'off' : 'suspended';
}

/** A name that a guest or a person chose: its writing direction must not spill over into ours. */
export function named(text: string): Html {
  return html`<bdi>${text}</bdi>`;
}

/** A moment: distance in words, the exact time on hover and for machines. */
export function time(epochMs: number | undefined, nowMs: number): Html {
  if (epochMs === undefined) return html`<span class="quiet">–</span>`;
  const iso = new Date(epochMs).toISOString();
  return html`<time datetime="${iso}" title="${iso}">${ago(epochMs, nowMs)}</time>`;
}

export interface Column<T> {
  readonly head: string;
  readonly number?: boolean;
  readonly cell: (row: T) => HtmlValue;
}

/** The first column names its row. `empty` is shown instead of a table without rows. */
export function table<T>(
  caption: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
  empty: HtmlValue,
): Html {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  const kind = (c: Column<T>): Html | null => (c.number === true ? html` class="number"` : null);
  const heads = columns.map(
    (c) => html`<th scope="col" role="columnheader"${kind(c)}>${c.head}</th>`,
  );
  const cells = (row: T): Html[] =>
    columns.map((c, i) =>
      i === 0
        ? html`<th scope="row" role="rowheader">${c.cell(row)}</th>`
        : html`<td role="cell" data-head="${c.head}"${kind(c)}><div>${c.cell(row)}</div></td>`,
    );
  // On a phone each row becomes a card; the roles keep it a table for screen readers then.
  return html`<table class="cards" role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">${rows.map((row) => html`<tr role="row">${cells(row)}</tr>`)}</tbody></table>`;
}

/** A link to the rest of a list, where there is one. */
export function further(href: string | undefined, words: string): Html | null {
  return href === undefined ? null : html`<p class="further"><a href="${href}">${words}</a></p>`;
}

/** A sentence that must not be overlooked. */
export function notice(tone: 'good' | 'warn' | 'bad', content: HtmlValue): Html {
  return html`<div class="notice ${tone}"${tone === 'bad' ? html` role="alert"` : null}><p>${content}</p></div>`;
}

/** A bar with its figures beside it. */
export function bar(label: string, done: number, total: number): Html {
  if (total === 0) return html`<small class="quiet">nothing to copy</small>`;
  const percent = Math.min(100, Math.floor((done / total) * 100));
  return html`<progress max="100" value="${percent}" aria-label="${label}"></progress>
<small class="quiet">${bytes(done)} of ${bytes(total)} · ${percent} %</small>`;
}

export function facts(rows: readonly (readonly [string, HtmlValue])[]): Html {
  return html`<dl class="facts">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

export function figures(
  rows: readonly { readonly name: string; readonly value: HtmlValue; readonly note?: HtmlValue }[],
): Html {
  return html`<dl class="figures">${rows.map(
    (f) =>
      html`<div><dt>${f.name}</dt><dd>${f.value}${f.note === undefined ? null : html` <small>${f.note}</small>`}</dd></div>`,
  )}</dl>`;
}
