import { z } from 'zod';

import { isEnded, type TaskDisk, type TaskRecord } from '#core/run.ts';

import { bytes, count, duration, rate } from '../format.ts';
import { html, type Html, type HtmlValue } from '../html.ts';
import { bar, named, notice, runState, table } from '../parts.ts';
import { restoredColumns } from './restored-disks.ts';
import { pace } from './work.ts';

/** What a backup's result says that a reader wants to know; the shape is that of operations/backups.ts. */
const backupResult = z.object({
  restorePointId: z.string(),
  kind: z.string(),
  consistency: z.string(),
  disks: z.array(
    z.object({
      label: z.string(),
      deviceLabel: z.string(),
      mode: z.string(),
      modeReason: z.string(),
      transport: z.string(),
      transportReason: z.string(),
    }),
  ),
  /** What the job's retention removed afterwards. */
  pruned: z.object({ removed: z.array(z.unknown()), freedBytes: z.number() }).exactOptional(),
  skippedDisks: z.array(z.object({ deviceLabel: z.string(), reason: z.string() })),
});
type BackupResult = z.infer<typeof backupResult>;

export function taskPanel(task: TaskRecord, nowMs: number): Html {
  const result = backupResult.safeParse(task.result).data;
  return html`<section class="panel"><div class="head"><h2>${named(task.subject)}</h2>${runState(task.state)}</div>
${task.error === undefined ? null : notice('bad', task.error.message)}
${task.warnings.map((warning) => notice('warn', warning))}
${diskTable(task, result)}
${result?.skippedDisks.map((disk) => notice('warn', html`<strong>${disk.deviceLabel} is not in it:</strong> ${disk.reason}`))}
${summary(task, nowMs)}
${prunedWords(result)}
${pointLink(task, result)}</section>`;
}

function diskTable(task: TaskRecord, result: BackupResult | undefined): Html {
  const told = (disk: TaskDisk): BackupResult['disks'][number] | undefined =>
    result?.disks.find(({ label }) => label === disk.label);
  const why = (word: HtmlValue, reason: string | undefined): Html =>
    html`${word}${reason === undefined ? null : html`<br><small class="quiet">${reason}</small>`}`;
  return table<TaskDisk>(
    'Disks',
    [
      { head: 'Disk', cell: (d) => told(d)?.deviceLabel ?? d.label },
      ...(isEnded(task.state)
        ? []
        : [{ head: 'Phase', cell: (d: TaskDisk) => d.phase.replace('-', ' ') }]),
      { head: 'Done', cell: (d) => bar(`${task.subject} ${d.label}`, d.doneBytes, d.totalBytes) },
      ...(task.kind === 'backup'
        ? [
            { head: 'Stored', number: true, cell: (d: TaskDisk) => bytes(d.storedBytes) },
            {
              head: 'How',
              cell: (d: TaskDisk) => why(told(d)?.mode ?? '–', told(d)?.modeReason),
            },
          ]
        : []),
      ...restoredColumns(task),
      {
        head: 'Transport',
        cell: (d) => why(told(d)?.transport ?? d.transport ?? '–', told(d)?.transportReason),
      },
    ],
    task.disks,
    isEnded(task.state) ? 'No disk was reached.' : 'No disk is open yet.',
  );
}

function summary(task: TaskRecord, nowMs: number): Html | null {
  if (task.startedAtMs === undefined || task.disks.length === 0) return null;
  const done = task.disks.reduce((sum, disk) => sum + disk.doneBytes, 0);
  const stored = task.disks.reduce((sum, disk) => sum + disk.storedBytes, 0);
  const elapsed = (task.endedAtMs ?? nowMs) - task.startedAtMs;
  const verb = task.kind === 'restore' ? 'written' : 'read';
  const left = pace(task, nowMs).left;
  return html`<p class="quiet">${count(task.disks.length, 'disk')}, ${done === 0 ? `nothing ${verb}` : `${bytes(done)} ${verb} at ${rate(done, elapsed)}`}${stored === 0 ? null : `, ${bytes(stored)} stored`}, ${duration(elapsed)}${isEnded(task.state) || left === '–' ? null : `, ${left === 'finishing' ? left : `about ${left} left`}`}.</p>`;
}

function prunedWords(result: BackupResult | undefined): Html | null {
  const pruned = result?.pruned;
  if (pruned === undefined || pruned.removed.length === 0) return null;
  return html`<p class="quiet">Afterwards ${count(pruned.removed.length, 'old restore point')} removed, ${bytes(pruned.freedBytes)} freed.</p>`;
}

function pointLink(task: TaskRecord, result: BackupResult | undefined): Html | null {
  if (result !== undefined)
    return html`<p><a href="/restore-points/${result.restorePointId}">Open the restore point</a> <span class="quiet">${result.kind}; consistency: ${result.consistency.replace('-', ' ')}</span></p>`;
  const id = task.request['restorePoint'];
  return typeof id === 'string'
    ? html`<p><a href="/restore-points/${id}">The restore point</a></p>`
    : null;
}
