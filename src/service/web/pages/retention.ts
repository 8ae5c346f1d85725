import type { RetentionPolicy, RetentionVerdict } from '#core/retention.ts';
import { describeKeepReason } from '#core/keep-reasons.ts';
import type { RetentionPreview } from '#core/retention-simulation.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import { count, moment } from '../format.ts';
import { html, type Html } from '../html.ts';
import { named, state, table, time } from '../parts.ts';

export interface RetentionView {
  readonly policy: RetentionPolicy;
  /** Absent without a schedule, and for one that comes many times a day. */
  readonly preview?: RetentionPreview;
  /** The verdict on one VM's points, newest first. */
  readonly example?: {
    readonly vmName: string;
    readonly verdicts: readonly (RetentionVerdict & { readonly point: RestorePoint })[];
  };
  readonly nowMs: number;
}

export const previewDays = 400;

export function retentionPanel(view: RetentionView): Html {
  const { policy, preview, example } = view;
  return html`<section class="panel" id="retention"><h2>How long it keeps</h2><p>${policyWords(policy)}</p>
${preview === undefined ? html`<p class="quiet">What is left after ${previewDays} days is shown for schedules of at most five times a day.</p>` : previewPart(preview, policy.timeZone)}
${example === undefined ? null : examplePart(example, view.nowMs)}
<p class="quiet">After each backup by this job what no rule keeps is removed. Pinned restore points stay, and those that kept ones build on.</p></section>`;
}

export function policyWords(policy: RetentionPolicy): string {
  const parts = [
    policy.last === undefined || policy.last === 0 ? '' : `the last ${policy.last}`,
    newest(policy.hourly, 'hour'),
    newest(policy.daily, 'day'),
    newest(policy.weekly, 'week'),
    newest(policy.monthly, 'month'),
    newest(policy.yearly, 'year'),
  ].filter((part) => part !== '');
  return parts.length === 0
    ? 'Of each VM only the newest restore point.'
    : `Of each VM: ${parts.join('; ')}. Days begin as in ${policy.timeZone}.`;
}

function newest(n: number | undefined, period: string): string {
  return n === undefined || n === 0
    ? ''
    : n === 1
      ? `the newest of the ${period}`
      : `the newest of each of ${count(n, period)}`;
}

function previewPart(preview: RetentionPreview, timeZone: string): Html {
  const needed =
    preview.neededOnly === 0 ? '' : `, and ${preview.neededOnly} more that these build on`;
  return html`<p>After ${previewDays} days: <strong>${preview.kept.length} of ${preview.total}</strong> restore points of a VM are kept${needed}.</p>
<details><summary>Which ones</summary>${table(
    `Left after ${previewDays} days of this schedule`,
    [
      { head: 'Restore point', cell: (k) => moment(k.createdAtMs, timeZone) },
      { head: 'Kept as', cell: (k) => k.reasons.map(describeKeepReason).join('; ') },
    ],
    preview.kept,
    'None.',
  )}</details>`;
}

function examplePart(example: NonNullable<RetentionView['example']>, nowMs: number): Html {
  return html`<details><summary>As it would be for ${named(example.vmName)} today</summary>${table(
    'Newest first',
    [
      {
        head: 'Restore point',
        cell: ({ point }) =>
          html`<a href="/restore-points/${point.header.id}">${moment(point.header.createdAtMs)}</a> ${time(point.header.createdAtMs, nowMs)}`,
      },
      { head: 'Verdict', cell: (v) => (v.keep ? state('good', 'kept') : state('idle', 'may go')) },
      {
        head: 'Why',
        cell: (v) => v.reasons.map(describeKeepReason).join('; ') || 'no rule keeps it',
      },
    ],
    example.verdicts,
    'It has no restore point.',
  )}</details>`;
}
