import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { ColdframeError, fromErrorRecord, wrapError } from '#core/error.ts';
import type { FileMount, FileMountList, GuestVolumes } from '#core/guest-files.ts';

import type { Command, CommandInput } from '../command.ts';
import { bytesText, count, timeText } from '../format.ts';
import { printable } from '../output.ts';
import { usageError } from '../parse-command-line.ts';
import { listFolder } from './files-list.ts';

const mountArgument = { name: 'MOUNT', summary: 'id from "coldframe files open"' };
const pollMs = 500;

export const filesCommands: readonly Command[] = [
  {
    name: 'files open',
    summary: 'Open a restore point to browse its files, and show its volumes',
    arguments: [{ name: 'RESTORE_POINT', summary: 'id from "coldframe restore-point list"' }],
    options: {
      idle: { value: 'MINUTES', summary: 'close it after so long without use (default 30)' },
    },
    examples: ['coldframe files open k3v7q2m5xw4hzabc'],
    notes: [
      'libguestfs reads the disks in a small virtual machine of its own; that takes some seconds to start.',
    ],
    async run(input) {
      const { client, output, argument, text } = input;
      const idle = text('idle');
      if (idle !== undefined && !/^\d+$/.test(idle))
        throw usageError(`--idle takes minutes, not "${idle}".`);
      const ordered = await client.post<FileMount>('/file-mounts', {
        restorePoint: argument('RESTORE_POINT'),
        ...(idle === undefined ? {} : { idleMinutes: Number(idle) }),
      });
      const mount = await whenReady(input, ordered);
      const found = await client.get<GuestVolumes>(`/file-mounts/${mount.id}/volumes`);
      if (output.json) output.document({ mount, ...found });
      else showVolumes(input, mount, found);
      return undefined;
    },
  },
  {
    name: 'files mounts',
    summary: 'List the restore points that are open, who opened them and until when',
    examples: ['coldframe files mounts'],
    async run({ client, output }) {
      const { mounts } = await client.get<FileMountList>('/file-mounts');
      if (output.json) output.document(mounts);
      else if (mounts.length === 0) output.note('None is open.');
      else
        output.table(
          [
            { title: 'MOUNT' },
            { title: 'VM' },
            { title: 'OF' },
            { title: 'OWNER' },
            { title: 'STATE' },
            { title: 'UNTIL' },
          ],
          mounts.map((mount) => [
            mount.id,
            mount.vmName,
            timeText(mount.createdAtMs),
            mount.owner,
            mount.state,
            timeText(mount.expiresAtMs),
          ]),
        );
      return undefined;
    },
  },
  {
    name: 'files list',
    summary: 'List a folder',
    arguments: [
      mountArgument,
      { name: 'PATH', summary: '"/volume/folder"; default: the volumes', optional: true },
    ],
    options: {
      encoded: { summary: 'PATH has odd characters as %XX, as --json prints them' },
    },
    examples: ['coldframe files list m7qk2c4hxw3vz5ab /sda1/etc'],
    async run(input) {
      await listFolder(input, mountPath(input), apiPath(input, input.optionalArgument('PATH')));
      return undefined;
    },
  },
  {
    name: 'files get',
    summary: 'Download a file, or a folder as a tar',
    arguments: [mountArgument, { name: 'PATH', summary: '"/volume/folder/file"' }],
    options: {
      output: { value: 'FILE', short: 'o', summary: 'where to write (default: its name, here)' },
      encoded: { summary: 'PATH has odd characters as %XX, as --json prints them' },
    },
    examples: [
      'coldframe files get m7qk2c4hxw3vz5ab /sda1/etc/fstab',
      'coldframe files get m7qk2c4hxw3vz5ab /vg0-home/anna -o anna.tar',
    ],
    notes: ['A tar keeps owners (as numbers), permissions, times and extended attributes.'],
    async run(input) {
      const path = apiPath(input, input.argument('PATH'));
      const query = new URLSearchParams({ path });
      const answer = await input.client.content(`${mountPath(input)}/content?${query.toString()}`);
      const suffix = answer.headers['content-type'] === 'application/x-tar' ? '.tar' : '';
      const target = resolve(input.text('output') ?? `${fileName(path)}${suffix}`);
      const bytes = await save(answer, target);
      if (input.output.json) input.output.document({ file: target, bytes });
      else input.output.line(`${printable(target)}: ${bytesText(bytes)}`);
      return undefined;
    },
  },
  {
    name: 'files close',
    summary: 'Close an open restore point',
    arguments: [mountArgument],
    examples: ['coldframe files close m7qk2c4hxw3vz5ab'],
    async run(input) {
      await input.client.delete(mountPath(input));
      input.output.note('Closed.');
      return undefined;
    },
  },
];

async function whenReady({ client, signal }: CommandInput, ordered: FileMount): Promise<FileMount> {
  let mount = ordered;
  try {
    while (mount.state === 'opening') {
      await delay(pollMs, undefined, { signal });
      mount = await client.get<FileMount>(`/file-mounts/${mount.id}`);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  if (mount.error === undefined) return mount;
  await client.delete(`/file-mounts/${mount.id}`);
  throw fromErrorRecord(mount.error);
}

function showVolumes({ output }: CommandInput, mount: FileMount, found: GuestVolumes): void {
  for (const { product, kind, hostName } of found.systems)
    output.line(printable([product || kind, hostName].filter((word) => word !== '').join(', ')));
  output.table(
    [
      { title: 'VOLUME' },
      { title: 'DEVICE' },
      { title: 'TYPE' },
      { title: 'LABEL' },
      { title: 'SIZE', align: 'right' },
      { title: 'FREE', align: 'right' },
      { title: 'NOTE' },
    ],
    found.volumes.map(({ name, device, fileSystem, label, usage, error }) => [
      usage === undefined ? '-' : `/${name}`,
      device,
      fileSystem,
      label,
      usage === undefined ? '' : bytesText(usage.totalBytes),
      usage === undefined ? '' : bytesText(usage.freeBytes),
      error ?? '',
    ]),
  );
  const readable = found.volumes.filter(({ usage }) => usage !== undefined).length;
  output.note(
    `Open as ${mount.id} until ${timeText(mount.expiresAtMs)}, ${count(readable, 'volume')}. Next: coldframe files list ${mount.id} /…`,
  );
}

function mountPath({ argument }: CommandInput): string {
  return `/file-mounts/${encodeURIComponent(argument('MOUNT'))}`;
}

/** The API takes odd characters as %XX; people type them as they are. */
function apiPath({ flag }: CommandInput, path = '/'): string {
  if (!path.startsWith('/')) throw usageError(`A path begins with "/", not like "${path}".`);
  return flag('encoded') ? path : path.split('/').map(encodeURIComponent).join('/');
}

/** The last component, fit to be a file here. */
function fileName(path: string): string {
  const last = path.split('/').findLast((part) => part !== '') ?? 'files';
  const name = last.replaceAll(/%[0-9A-Fa-f]{2}/g, (hex) =>
    hex === '%20' ? ' ' : hex.toUpperCase() < '%20' || hex.toUpperCase() === '%2F' ? '_' : hex,
  );
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

async function save(
  answer: Awaited<ReturnType<CommandInput['client']['content']>>,
  target: string,
): Promise<number> {
  const partial = `${target}.partial`;
  const file = createWriteStream(partial, { flags: 'wx', mode: 0o600 });
  try {
    await pipeline(answer, file);
    await rename(partial, target);
    return file.bytesWritten;
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (isTaken) throw new ColdframeError('busy', `${partial} exists. Remove it.`);
    await rm(partial, { force: true });
    throw wrapError('io', `${target} could not be written to its end.`, error);
  }
}
