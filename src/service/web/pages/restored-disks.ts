import { z } from 'zod';

import type { TaskDisk, TaskRecord } from '#core/run.ts';

import { bytes } from '../format.ts';
import { html, type Html } from '../html.ts';

/** What a restore's result says of its disks; the shape is that of the engine's outcome. */
const restoreResult = z.object({
  disks: z.array(
    z.object({
      label: z.string(),
      method: z.string(),
      methodReason: z.string(),
      writtenBytes: z.number(),
      sameBytes: z.number(),
      provenBytes: z.number(),
    }),
  ),
});

interface Column {
  readonly head: string;
  readonly cell: (disk: TaskDisk) => Html | string;
}

/** How much of each disk was written, why, and how much of it is proven; nothing before the end. */
export function restoredColumns(task: TaskRecord): readonly Column[] {
  const result = restoreResult.safeParse(task.result).data;
  if (task.kind !== 'restore' || result === undefined) return [];
  const of = (disk: TaskDisk) => result.disks.find(({ label }) => label === disk.label);
  return [
    {
      head: 'Written',
      cell: (disk) => {
        const { method = '–', methodReason = '', writtenBytes = 0, sameBytes = 0 } = of(disk) ?? {};
        const left = sameBytes === 0 ? '' : `; ${bytes(sameBytes)} were the same already`;
        return html`${bytes(writtenBytes)} (${method})<br><small class="quiet">${methodReason}${left}</small>`;
      },
    },
    { head: 'Proven', cell: (disk) => bytes(of(disk)?.provenBytes ?? 0) },
  ];
}
