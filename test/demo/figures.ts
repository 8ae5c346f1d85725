import { join } from 'node:path';

import type { RunView } from '#core/api.ts';

export interface BackupSummary {
  readonly restorePointId: string;
  readonly kind: string;
  readonly file: string;
  /** "full, 768 MiB read at 512 MiB/s, 210 MiB stored, hotadd". */
  readonly words: string;
  readonly transportReason: string;
}

/** The result that a backup task records; see src/service/operations/backups.ts. */
interface BackupResultView {
  readonly restorePointId: string;
  readonly kind: string;
  readonly path: string;
  readonly archiveBytes: number;
  readonly readBytes: number;
  readonly durationMs: number;
  readonly disks: readonly { readonly transport: string; readonly transportReason: string }[];
}

export function backupOf(view: RunView, repositoryDir: string): BackupSummary {
  const [task] = view.tasks;
  if (task?.result === undefined)
    throw new Error(`The run ended ${view.run.state}: ${task?.error?.message ?? 'no result'}`);
  const result = task.result as unknown as BackupResultView;
  const transports = [...new Set(result.disks.map((disk) => disk.transport))].join(' and ');
  const rate = mebibytes((result.readBytes / Math.max(1, result.durationMs)) * 1000);
  return {
    restorePointId: result.restorePointId,
    kind: result.kind,
    file: join(repositoryDir, result.path),
    transportReason: [...new Set(result.disks.map((disk) => disk.transportReason))].join('; '),
    words: `${mebibytes(result.readBytes)} read at ${rate}/s, ${mebibytes(result.archiveBytes)} stored, ${transports}`,
  };
}

export function mebibytes(bytes: number): string {
  const value = bytes / 2 ** 20;
  return `${value >= 10 ? Math.round(value) : value.toFixed(1)} MiB`;
}
