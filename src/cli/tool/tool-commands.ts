import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { extractDisks } from '#archive/tool-extract.ts';
import { inspectArchive, type InspectedArchive } from '#archive/tool-inspect.ts';
import { parsePublicKey } from '#archive/signature.ts';
import { verifyArchives } from '#archive/verify.ts';
import { wrapError } from '#core/error.ts';

import type { Command, CommandInput } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { bytesText, count, timeText } from '../format.ts';
import { printable } from '../output.ts';
import { loadCodecs } from './codecs.ts';
import { archivesArgument } from './disk-images.ts';
import { identityOption, loadIdentities } from './identities.ts';
import { toolProgress } from './tool-progress.ts';

/** Commands that open archive files themselves: for the day when nothing else of coldframe is left. */
export const toolCommands: readonly Command[] = [
  {
    name: 'tool inspect',
    summary: 'Show what an archive file holds',
    arguments: [{ name: 'ARCHIVE', summary: 'a .tar or .tar.zst file of a repository' }],
    options: { identity: identityOption },
    examples: ['coldframe tool inspect 20261122T120000Z_full_k3v7q2m5xw4hzabc.tar.zst'],
    notes: [
      'Reads the two ends of the file and checks the seal, not the disks; for those: tool verify.',
    ],
    async run(input) {
      const { signal, output } = input;
      const inspected = await inspectArchive(input.argument('ARCHIVE'), {
        ...(await loadCodecs()),
        identities: await loadIdentities(input.texts('identity')),
        signal,
      });
      if (output.json) output.document(inspected);
      else show(input, inspected);
      return undefined;
    },
  },
  {
    name: 'tool extract',
    summary: 'Write the disks of a restore point as raw images',
    arguments: [archivesArgument],
    options: {
      into: { value: 'FOLDER', short: 'C', summary: 'where to write (default: here)' },
      disk: { value: 'LABEL', summary: 'only this disk; may be repeated', many: true },
      identity: identityOption,
    },
    examples: [
      'coldframe tool extract full.tar.zst incr1.tar.zst incr2.tar.zst --into /srv/out',
      'coldframe tool extract full.tar --disk scsi0-0',
    ],
    notes: [
      'The newest of the archives is extracted; every digest is checked. The images are sparse and can be\nmounted, converted with qemu-img, or written to a disk with dd.',
    ],
    async run(input) {
      const { output, texts, signal } = input;
      const disks = texts('disk');
      const progress = toolProgress(input);
      try {
        const extracted = await extractDisks({
          ...(await loadCodecs()),
          identities: await loadIdentities(texts('identity')),
          files: input.manyArguments('ARCHIVE'),
          outDir: resolve(input.text('into') ?? '.'),
          ...(disks.length === 0 ? {} : { disks }),
          signal,
          onProgress: ({ label, doneBytes, totalBytes }) =>
            progress.update('', {
              label,
              phase: 'copying',
              doneBytes,
              totalBytes,
              storedBytes: doneBytes,
            }),
        });
        progress.end();
        if (output.json) output.document(extracted);
        else
          for (const { path, capacityBytes, writtenBytes } of extracted)
            output.line(
              `${printable(path)}: ${bytesText(capacityBytes)}, ${bytesText(writtenBytes)} of it written`,
            );
      } finally {
        progress.end();
      }
      return undefined;
    },
  },
  {
    name: 'tool verify',
    summary: 'Read archive files and check every digest in them',
    arguments: [archivesArgument],
    options: {
      identity: identityOption,
      key: { value: 'FILE', summary: 'public key by which the archives must be signed' },
    },
    examples: [
      'coldframe tool verify full.tar.zst incr1.tar.zst',
      'coldframe tool verify full.tar.zst.age --identity key.txt',
      'coldframe tool verify full.tar.zst --key appliance.pem',
    ],
    notes: [
      'Damage is shown with the bytes of the disk that it concerns; the exit code is 8 then.',
    ],
    async run(input) {
      const { output, signal } = input;
      const files = input.manyArguments('ARCHIVE');
      const signedBy = await loadPublicKey(input.text('key'));
      const { checkedBytes, damage } = await verifyArchives(files, {
        ...(await loadCodecs()),
        signedBy,
        identities: await loadIdentities(input.texts('identity')),
        signal,
      });
      const code = damage.length === 0 ? exitCodes.ok : exitCodes.damaged;
      if (output.json) {
        output.document({ checkedBytes, damage });
        return code;
      }
      for (const { path, member, message, ranges } of damage) {
        const where = member === '' ? path : `${path}, ${member}`;
        output.line(`${output.bad('Damaged:')} ${printable(where)}: ${printable(message)}`);
        for (const { offset, length } of ranges)
          output.line(`  disk bytes ${offset} to ${offset + length - 1} (${bytesText(length)})`);
      }
      if (damage.length === 0)
        output.line(
          `${count(files.length, 'archive')} good: ${bytesText(checkedBytes)} of disk data checked${signedBy === undefined ? '' : ', and the signatures'}.`,
        );
      return code;
    },
  },
];

function show({ output }: CommandInput, inspected: InspectedArchive): void {
  const { header, manifest } = inspected;
  output.facts([
    ['File', `${inspected.file} (${bytesText(inspected.archiveBytes)})`],
    ['VM', `${header.vm.name} (${header.vm.instanceUuid})`],
    ['Time', timeText(header.createdAtMs)],
    ['Restore point', header.id],
    ['Kind', header.kind],
    [
      'Builds on',
      header.parent === null ? 'nothing' : `${header.parent.id} (seal ${header.parent.seal})`,
    ],
    ['Consistency', header.consistency],
    ['Seal', inspected.seal],
  ]);
  output.line();
  output.table(
    [
      { title: 'DISK' },
      { title: 'NAME' },
      { title: 'SIZE', align: 'right' },
      { title: 'MAPPED', align: 'right' },
      { title: 'ZEROS', align: 'right' },
      { title: 'MODE' },
    ],
    header.disks.map((disk) => {
      const counts = manifest.disks.find(({ label }) => label === disk.label);
      return [
        disk.label,
        disk.deviceLabel,
        bytesText(disk.capacityBytes),
        bytesText(counts?.mappedBytes ?? 0),
        bytesText(counts?.zeroBytes ?? 0),
        disk.mode,
      ];
    }),
  );
  for (const { deviceLabel, reason } of header.skippedDisks)
    output.note(`Not in it: ${printable(deviceLabel)}, ${printable(reason)}`);
}

async function loadPublicKey(file: string | undefined): Promise<KeyObject | undefined> {
  if (file === undefined) return undefined;
  try {
    return parsePublicKey(await readFile(file, 'utf8'), file);
  } catch (cause) {
    throw wrapError('invalid-input', `The key ${file} cannot be read.`, cause);
  }
}
