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

export function powerState(value: PowerState): string {
  return value === 'poweredOn' ? 'on' : value === 'poweredOff' ? 'off' : 'suspended';
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
  const heads = columns.map(
    (c) => html`<th scope="col"${c.number === true ? html` class="number"` : null}>${c.head}</th>`,
  );
  const cells = (row: T): Html[] =>
    columns.map((c, i) =>
      i === 0
        ? html`<th scope="row">${c.cell(row)}</th>`
        : html`<td${c.number === true ? html` class="number"` : null}>${c.cell(row)}</td>`,
    );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody></table></div>`;
}

/** A bar with its figures beside it. */
export function bar(label: string, done: number, total: number): Html {
  const percent = total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100));
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
