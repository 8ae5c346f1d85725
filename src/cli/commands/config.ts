import { readFile } from 'node:fs/promises';

import type { ConfigApplied, ConfigDiff, ConfigOutcome } from '#core/api.ts';
import { ColdframeError } from '#core/error.ts';

import type { Command, CommandInput } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeNewFile } from '../new-file.ts';
import { printable } from '../output.ts';
import { readPassword } from '../prompt.ts';

const passphraseFile = {
  value: 'PATH',
  summary: 'passphrase from the first line of a file; - is standard input',
};
const file = { name: 'FILE', summary: 'configuration as a JSON file' };

export const configCommands: readonly Command[] = [
  {
    name: 'config export',
    summary: 'Write endpoints, repositories and jobs into a file',
    arguments: [{ name: 'FILE', summary: 'what to write; must not exist' }],
    options: {
      'with-secrets': { summary: 'with passwords and kept keys, sealed to a passphrase' },
      'passphrase-file': passphraseFile,
    },
    examples: [
      'coldframe config export coldframe.json',
      'coldframe config export coldframe.json --with-secrets',
    ],
    notes: [
      'The file names things by their names and has no ids, so that it can be kept under version control\nand applied to another appliance. The secrets in it are an age file: age -d opens them, too.',
    ],
    async run(input) {
      const { client, output, argument, flag } = input;
      const document = flag('with-secrets')
        ? await client.post<object>('/config/exports', {
            passphrase: (await askPassphrase(input)).reveal(),
          })
        : await client.get<object>('/config');
      await writeNewFile(argument('FILE'), `${JSON.stringify(document, null, 2)}\n`);
      if (output.json) output.document({ file: argument('FILE') });
      else output.note(`Wrote ${printable(argument('FILE'))}.`);
      return undefined;
    },
  },
  {
    name: 'config diff',
    summary: 'Show what applying a file would change',
    arguments: [file],
    examples: ['coldframe config diff coldframe.json'],
    notes: ['The exit code is 3 when something would be changed.'],
    async run(input) {
      const document = await readDocument(input.argument('FILE'));
      const { changes } = await input.client.post<ConfigDiff>('/config/diffs', { document });
      return show(input, changes);
    },
  },
  {
    name: 'config apply',
    summary: 'Add and change what a file says; nothing is removed',
    arguments: [file],
    options: { 'passphrase-file': passphraseFile },
    examples: ['coldframe config apply coldframe.json'],
    notes: [
      'Applying again changes nothing more. What the file does not say about a thing stays as it is. A new\nendpoint is logged in to and a new repository tried, as when they are added by hand; its restore\npoints are found again. What fails is shown and the rest goes on.',
    ],
    async run(input) {
      const document = await readDocument(input.argument('FILE'));
      const passphrase = 'secrets' in document ? await askPassphrase(input) : undefined;
      const { outcomes } = await input.client.post<ConfigApplied>('/config/applications', {
        document,
        ...(passphrase === undefined ? {} : { passphrase: passphrase.reveal() }),
      });
      show(input, outcomes);
      return outcomes.some(({ error }) => error !== undefined) ? exitCodes.failed : exitCodes.ok;
    },
  },
];

function askPassphrase(input: CommandInput) {
  return readPassword(input, 'Passphrase of the secrets: ', 'passphrase-file');
}

async function readDocument(path: string): Promise<object> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ColdframeError('invalid-input', `${path} cannot be read.`, { cause });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw new ColdframeError('invalid-input', `${path} is not JSON.`, { cause });
  }
  throw new ColdframeError('invalid-input', `${path} is not a configuration.`);
}

function show({ output }: CommandInput, changes: readonly ConfigOutcome[]) {
  const differ = changes.filter(({ action }) => action === 'add' || action === 'change');
  if (output.json) output.document(changes);
  else {
    if (changes.length > 0)
      output.table(
        [{ title: 'KIND' }, { title: 'NAME' }, { title: 'ACTION' }, { title: 'WHAT' }],
        changes.map(({ kind, name, action, differences, error }) => [
          kind,
          name,
          error === undefined ? action : output.bad('failed'),
          error?.message ?? (action === 'change' ? differences.map(wordsOf).join('; ') : ''),
        ]),
      );
    if (differ.length === 0) output.note('There is nothing to change.');
  }
  return differ.length === 0 ? exitCodes.ok : exitCodes.warnings;
}

function wordsOf({ field, from, to }: ConfigOutcome['differences'][number]): string {
  return `${field}: ${JSON.stringify(from) ?? 'none'} → ${JSON.stringify(to) ?? 'none'}`;
}
