import { once } from 'node:events';
import { resolve } from 'node:path';

import { toErrorRecord } from '#core/error.ts';
import { serveDisks } from '#files/serve-disks.ts';
import type { NbdAddress } from '#nbd/server.ts';

import type { Command, CommandInput, OptionSpec } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { bytesText } from '../format.ts';
import { printable } from '../output.ts';
import { usageError } from '../parse-command-line.ts';
import {
  archivesArgument,
  archivesOfRestorePoint,
  diskOptions,
  namedArchives,
  openDisks,
  restorePointArgument,
  type FindArchives,
} from './disk-images.ts';

const options: Readonly<Record<string, OptionSpec>> = {
  ...diskOptions,
  socket: { value: 'PATH', summary: 'Unix socket to make (default: in a new folder below /tmp)' },
  port: { value: 'N', summary: 'TCP port on 127.0.0.1 instead; 0 takes a free one' },
};

const notes = [
  'Serves until it is interrupted, read-only, one export a disk. Every digest is checked as it is read.\nA Unix socket is for this user alone; a TCP port is open to everybody on this machine.',
];

/** Disks as network block devices, from archive files and from the repository of a service. */
export const toolNbdCommand: Command = {
  name: 'tool nbd',
  summary: 'Serve the disks of a restore point to NBD clients',
  arguments: [archivesArgument],
  options,
  examples: [
    'coldframe tool nbd full.tar.zst incr1.tar.zst',
    'coldframe tool nbd full.tar --disk scsi0-0 --socket /run/disk.sock',
  ],
  notes,
  run: (input) => serve(input, namedArchives),
};

export const nbdCommand: Command = {
  name: 'nbd',
  summary: 'Serve the disks of a restore point to NBD clients, read-only',
  arguments: [restorePointArgument],
  options,
  examples: [
    'coldframe nbd k3v7q2m5xw4hzabc',
    'coldframe nbd k3v7q2m5xw4hzabc --disk scsi0-1 --socket /run/disk.sock',
  ],
  notes,
  run: (input) => serve(input, archivesOfRestorePoint),
};

async function serve(input: CommandInput, find: FindArchives): Promise<ExitCode | undefined> {
  const { output, signal } = input;
  const address = addressOf(input);
  await using opened = await openDisks(input, await find(input));
  await using served = await serveDisks(opened, {
    ...(address === undefined ? {} : { address }),
    onProblem: (error) => output.note(`Problem: ${printable(toErrorRecord(error).message)}`),
  });
  if (output.json)
    // One line, so that a script can read it while we serve.
    output.record({
      exports: served.exports.map(({ name, uri, source }) => ({
        name,
        uri,
        capacityBytes: source.capacityBytes,
      })),
    });
  else
    for (const { uri, description, source } of served.exports)
      output.line(`${uri}  ${bytesText(source.capacityBytes)}, ${printable(description)}`);
  output.note('Serving until interrupted (Ctrl-C).');
  if (!signal.aborted) await once(signal, 'abort');
  return undefined;
}

function addressOf({ text }: CommandInput): NbdAddress | undefined {
  const socket = text('socket');
  const port = text('port');
  if (socket !== undefined && port !== undefined)
    throw usageError('Give --socket or --port, not both.');
  if (socket !== undefined) return { socket: resolve(socket) };
  if (port === undefined) return undefined;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw usageError(`--port takes a number from 0 to 65535, not "${port}".`);
  return { port: Number(port) };
}
