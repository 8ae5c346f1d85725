import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { usageError } from '../parse-command-line.ts';

export const exportFormats = ['raw', 'qcow2', 'vmdk', 'ova'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportTarget {
  readonly format: ExportFormat;
  /** Of the VM, safe in file names. */
  readonly baseName: string;
  readonly labels: readonly string[];
  /** As given: a file for one disk or an OVA, or a folder. */
  readonly output: string | undefined;
}

export function exportFormat(word: string | undefined): ExportFormat {
  const found = exportFormats.find((each) => each === (word ?? 'raw'));
  if (found !== undefined) return found;
  throw usageError(`--format takes ${exportFormats.join(', ')}, not "${word}".`);
}

/** The files to write: `<VM>-<label>.<format>` each, or `<VM>.ova`. */
export async function exportPaths(target: ExportTarget): Promise<readonly string[]> {
  const { format, baseName, labels, output } = target;
  const names =
    format === 'ova'
      ? [`${baseName}.ova`]
      : labels.map((label) => `${baseName}-${label}.${format}`);
  if (output === undefined) return names.map((name) => resolve(name));
  const isFolder =
    output.endsWith('/') || (await stat(output).catch(() => undefined))?.isDirectory();
  if (isFolder === true) return names.map((name) => join(resolve(output), name));
  if (names.length === 1) return [resolve(output)];
  throw usageError(
    `There are ${names.length} disks, so --output must be a folder: make it, or end its name with "/". Or choose one with --disk.`,
  );
}
