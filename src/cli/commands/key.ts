import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

import type { ArchiveKeyList, ArchiveKeyView } from '#core/api.ts';
import { ColdframeError } from '#core/error.ts';

import type { Command } from '../command.ts';
import { timeText } from '../format.ts';
import { usageError } from '../parse-command-line.ts';

export const keyCommands: readonly Command[] = [
  {
    name: 'key add',
    summary: 'Give the service a private key that opens encrypted archives',
    arguments: [{ name: 'NAME', summary: 'what you want to call it' }],
    options: {
      file: { value: 'FILE', summary: 'identity file of age with one key; - is standard input' },
      keep: { summary: 'keep it, encrypted, in the data folder; else until the service ends' },
    },
    examples: ['coldframe key add safe --file key.txt'],
    notes: [
      'Backups need no private key. Restores, verification and file access of encrypted archives do. A key\nthat is kept opens the archives to whoever takes over this machine.',
    ],
    async run({ client, output, argument, text: option, flag }) {
      const file = option('file');
      if (file === undefined) throw usageError('--file is missing.');
      const added = await client.post<ArchiveKeyView>('/archive-keys', {
        name: argument('NAME'),
        identity: await readKeyFile(file),
        keep: flag('keep'),
      });
      if (output.json) output.document(added);
      else
        output.line(
          `Added ${added.name} (${added.recipient})${added.kept ? '' : ' until the service ends'}.`,
        );
      return undefined;
    },
  },
  {
    name: 'key list',
    summary: 'List the private keys that the service has, by their public keys',
    examples: ['coldframe key list'],
    async run({ client, output }) {
      const { keys } = await client.get<ArchiveKeyList>('/archive-keys');
      if (output.json) output.document(keys);
      else if (keys.length === 0)
        output.note('There is no key here. Give one with: coldframe key add');
      else
        output.table(
          [{ title: 'NAME' }, { title: 'KEPT' }, { title: 'ADDED' }, { title: 'PUBLIC KEY' }],
          keys.map((key) => [
            key.name,
            key.kept ? 'yes' : 'until the service ends',
            timeText(key.addedAtMs),
            key.recipient,
          ]),
        );
      return undefined;
    },
  },
  {
    name: 'key remove',
    summary: 'Take a private key away from the service',
    arguments: [{ name: 'KEY', summary: 'name of the key, or its public key' }],
    examples: ['coldframe key remove safe'],
    notes: ['The archives stay encrypted to it: keep the key elsewhere.'],
    async run({ client, output, argument }) {
      const wanted = argument('KEY');
      const { keys } = await client.get<ArchiveKeyList>('/archive-keys');
      const found = keys.filter(({ name, recipient }) => wanted === name || wanted === recipient);
      if (found.length > 1)
        throw usageError(`There are ${found.length} keys called ${wanted}. Give the public key.`);
      const recipient = found[0]?.recipient ?? wanted;
      await client.delete(`/archive-keys/${encodeURIComponent(recipient)}`);
      output.note(`Removed ${wanted}.`);
      return undefined;
    },
  },
];

async function readKeyFile(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ColdframeError('invalid-input', `The key file ${file} cannot be read.`, { cause });
  }
}
