import type { Command, CommandInput, OptionSpec } from '../command.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import {
  archivesArgument,
  archivesOfRestorePoint,
  diskOptions,
  namedArchives,
  openDisks,
  restorePointArgument,
  type FindArchives,
} from './disk-images.ts';
import { exportFormat, exportFormats } from './export-target.ts';
import { exportDisks } from './export-disks.ts';

const options: Readonly<Record<string, OptionSpec>> = {
  format: { value: 'NAME', short: 'f', summary: `${exportFormats.join(', ')} (default: raw)` },
  output: {
    value: 'PATH',
    short: 'o',
    summary: 'file, or folder for several disks (default: here)',
  },
  ...diskOptions,
};

const notes = [
  'raw is sparse; qcow2 is compressed and needs qemu-img; vmdk is streamOptimized; ova is the whole VM.\nEvery digest is checked. A file has its name only when it is complete; none is replaced.',
];

/** Disks and VMs as files that other programs take. */
export const toolExportCommand: Command = {
  name: 'tool export',
  summary: 'Write the disks of a restore point as raw, qcow2 or VMDK images, or as an OVA',
  arguments: [archivesArgument],
  options,
  examples: [
    'coldframe tool export full.tar.zst incr1.tar.zst --format qcow2 --output /srv/out/',
    'coldframe tool export full.tar --format ova --output web-1.ova',
  ],
  notes,
  run: (input) => runExport(input, namedArchives),
};

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write the disks of a restore point as images, or the VM as an OVA',
  arguments: [restorePointArgument],
  options,
  examples: [
    'coldframe export k3v7q2m5xw4hzabc --format qcow2 --disk scsi0-0 --output /srv/out/',
    'coldframe export k3v7q2m5xw4hzabc --format ova',
  ],
  notes: [
    ...notes,
    'This program reads the archives and writes the files itself, not the service.',
  ],
  run: (input) => runExport(input, archivesOfRestorePoint),
};

async function runExport(input: CommandInput, find: FindArchives): Promise<ExitCode | undefined> {
  const { output, text } = input;
  const format = exportFormat(text('format'));
  await using opened = await openDisks(input, await find(input));
  const { files, leftOut } = await exportDisks(input, opened, format);
  if (output.json) output.document({ format, files, leftOut });
  else for (const file of files) output.line(printable(file));
  for (const note of leftOut) output.note(printable(note));
  return leftOut.length > 0 ? exitCodes.warnings : undefined;
}
