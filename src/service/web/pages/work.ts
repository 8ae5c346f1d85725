import type { TaskDisk, TaskRecord } from '#core/run.ts';

import { duration, rate } from '../format.ts';
import { html, type Html } from '../html.ts';
import { bar, named, table } from '../parts.ts';

/** Tasks under way, with rate and time left. */
export function workTable(tasks: readonly TaskRecord[], nowMs: number): Html {
  return table<TaskRecord>(
    'VMs that are being worked on',
    [
      { head: 'VM', cell: (t) => html`<a href="/runs/${t.runId}">${named(t.subject)}</a>` },
      { head: 'What', cell: (t) => t.kind.replace('verify', 'verification') },
      { head: 'Done', cell: (t) => overall(t) },
      { head: 'Rate', number: true, cell: (t) => pace(t, nowMs).rate },
      { head: 'Left', number: true, cell: (t) => pace(t, nowMs).left },
    ],
    tasks,
    'Nothing is running.',
  );
}

export interface Pace {
  readonly rate: string;
  readonly left: string;
}

/** Since the task's start, so that short stalls do not make the figure jump. */
export function pace(task: TaskRecord, nowMs: number): Pace {
  const { done, total } = sums(task.disks);
  const elapsedMs = nowMs - (task.startedAtMs ?? nowMs);
  if (done === 0 || elapsedMs < 1000) return { rate: '–', left: '–' };
  const leftMs = ((total - done) / done) * elapsedMs;
  return { rate: rate(done, elapsedMs), left: done < total ? duration(leftMs) : 'finishing' };
}

function overall(task: TaskRecord): Html {
  if (task.disks.length === 0)
    return html`<span class="quiet">snapshot and disks are being prepared</span>`;
  const { done, total } = sums(task.disks);
  return bar(task.subject, done, total);
}

function sums(disks: readonly TaskDisk[]): { readonly done: number; readonly total: number } {
  return {
    done: disks.reduce((sum, { doneBytes }) => sum + doneBytes, 0),
    total: disks.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
  };
}
