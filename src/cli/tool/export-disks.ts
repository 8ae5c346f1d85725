import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import { writeWhole, type PartialFile } from '#archive/partial-file.ts';
import type { OpenDisk, OpenDisks } from '#archive/open-disks.ts';
import { writeRaw } from '#archive/write-raw.ts';
import { ColdframeError } from '#core/error.ts';
import { serveDisks } from '#files/serve-disks.ts';
import { slug } from '#repository/archive-path.ts';

import type { CommandInput } from '../command.ts';
import { exportPaths, type ExportFormat } from './export-target.ts';
import { exportOva } from './ova-export.ts';
import { convertToQcow2 } from './qcow2-export.ts';
import { toolProgress } from './tool-progress.ts';
import { writeVmdk } from './vmdk-export.ts';

export interface Exported {
  readonly files: readonly string[];
  /** What the format could not take along, in sentences. */
  readonly leftOut: readonly string[];
}

/** The oldest hardware that every ESXi in use runs; for a disk alone it says little. */
const plainHardwareVersion = 14;

export async function exportDisks(
  input: CommandInput,
  opened: OpenDisks,
  format: ExportFormat,
): Promise<Exported> {
  if (opened.disks.length === 0)
    throw new ColdframeError('invalid-input', 'This restore point has no disks.');
  const { vm } = opened.chain.newest.header;
  const baseName = slug(vm.name);
  const files = await exportPaths({
    format,
    baseName,
    labels: opened.disks.map(({ disk }) => disk.label),
    output: input.text('output'),
  });
  for (const file of files) await makeFolder(dirname(file));
  const progress = toolProgress(input);
  const onBytes = ({ disk, image }: OpenDisk, doneBytes: number): void => {
    const totalBytes = image.capacityBytes;
    const { label } = disk;
    progress.update('', { label, phase: 'copying', doneBytes, totalBytes, storedBytes: doneBytes });
  };
  const { signal } = input;
  try {
    if (format === 'ova') {
      const leftOut = await writeWhole(files[0]!, ({ handle }) =>
        exportOva(opened, handle, { baseName, signal, onBytes }),
      );
      return { files, leftOut };
    }
    const write = writers[format];
    for (const [index, open] of opened.disks.entries())
      await writeWhole(files[index]!, (partial) =>
        write({
          opened,
          open,
          partial,
          fileName: basename(files[index]!),
          signal,
          onBytes: (doneBytes) => onBytes(open, doneBytes),
        }),
      );
    return { files, leftOut: [] };
  } finally {
    progress.end();
  }
}

interface DiskExport {
  readonly opened: OpenDisks;
  readonly open: OpenDisk;
  readonly partial: PartialFile;
  readonly fileName: string;
  readonly signal: AbortSignal;
  readonly onBytes: (doneBytes: number) => void;
}

const writers: Readonly<
  Record<Exclude<ExportFormat, 'ova'>, (order: DiskExport) => Promise<unknown>>
> = {
  raw: ({ open, partial, signal, onBytes }) =>
    writeRaw(open.image, partial.handle, {
      signal,
      onProgress: ({ doneBytes }) => onBytes(doneBytes),
    }),
  vmdk: ({ opened, open, partial, fileName, signal, onBytes }) =>
    writeVmdk(open.image, partial.handle, {
      fileName,
      identityOf: `${opened.chain.newest.header.id}/${open.disk.label}`,
      hardwareVersion: plainHardwareVersion,
      signal,
      onBytes,
    }),
  qcow2: async ({ opened, open, partial, signal, onBytes }) => {
    let problem: unknown;
    await using served = await serveDisks(opened, { onProblem: (error) => (problem ??= error) });
    try {
      await convertToQcow2({
        uri: served.server.uri(open.disk.label),
        target: partial.path,
        signal,
        onShare: (share) => onBytes(Math.floor(share * open.image.capacityBytes)),
      });
    } catch (error) {
      // qemu-img only knows that a read failed; we know why.
      throw problem ?? error;
    }
  },
};

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new ColdframeError('io', `The folder ${folder} cannot be made.`, { cause });
  }
}
