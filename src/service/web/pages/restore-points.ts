import type { Consistency, RestorePoint } from '#core/restore-point.ts';

import { bytes, moment } from '../format.ts';
import { html, type Html } from '../html.ts';
import { further, named, state, table, time } from '../parts.ts';

export interface RestorePointsView {
  readonly points: readonly RestorePoint[];
  readonly nowMs: number;
  readonly older?: string;
  /** The one VM that they are of. */
  readonly vmName?: string;
}

export function restorePointsPage({ points, nowMs, older, vmName }: RestorePointsView): Html {
  return html`<h1>Restore points${vmName === undefined ? null : html` of ${named(vmName)}`}</h1><p class="lead">Each is one archive that <code>tar</code> and <code>zstd</code> can open. Choose one to restore from.</p>
<section class="panel">${pointTable('Newest first', points, { nowMs, ofOneVm: vmName !== undefined })}${further(older, 'Older restore points')}</section>`;
}

export function pointTable(
  caption: string,
  points: readonly RestorePoint[],
  { nowMs, ofOneVm }: { readonly nowMs: number; readonly ofOneVm: boolean },
): Html {
  const link = ({ header }: RestorePoint, words: Html | string): Html =>
    html`<a href="/restore-points/${header.id}">${words}</a>${header.warnings.length === 0 ? null : html` ${state('warn', 'warnings')}`}`;
  return table<RestorePoint>(
    caption,
    [
      ...(ofOneVm
        ? [
            {
              head: 'Taken (UTC)',
              cell: (p: RestorePoint) => link(p, moment(p.header.createdAtMs)),
            },
          ]
        : [{ head: 'VM', cell: (p: RestorePoint) => link(p, named(p.header.vm.name)) }]),
      {
        head: ofOneVm ? 'That is' : 'Taken',
        cell: (p) => time(p.header.createdAtMs, nowMs),
      },
      { head: 'Kind', cell: (p) => p.header.kind },
      { head: 'Consistency', cell: (p) => consistencyWords[p.header.consistency] },
      { head: 'Disks', number: true, cell: (p) => p.header.disks.length },
      { head: 'Stored', number: true, cell: (p) => bytes(p.archiveBytes) },
    ],
    points,
    'No restore point yet.',
  );
}

export const consistencyWords: Readonly<Record<Consistency, string>> = {
  application: 'application',
  'file-system': 'file system',
  crash: 'crash (as after a power cut)',
  'powered-off': 'powered off',
};
