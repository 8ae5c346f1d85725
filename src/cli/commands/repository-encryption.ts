import type { EncryptionView } from '#core/api.ts';

import type { Command, CommandInput } from '../command.ts';
import { printable } from '../output.ts';
import { usageError } from '../parse-command-line.ts';
import { recoverySheet } from '../recovery-sheet.ts';

const name = { name: 'NAME', summary: 'name or id of the repository' };

export const repositoryEncryptionCommands: readonly Command[] = [
  {
    name: 'repository encrypt',
    summary: 'Choose whom new archives are encrypted to, or show it',
    arguments: [name],
    options: {
      to: {
        value: 'AGE1…',
        summary: 'public key of age; may be repeated, any one of the keys opens an archive',
        many: true,
      },
      off: { summary: 'do not encrypt new archives any more' },
    },
    examples: [
      'coldframe repository encrypt main --to age1ql3z7…',
      'coldframe repository encrypt main',
    ],
    notes: [
      'Archives are encrypted in the age format. Backups and retention need the public keys only; restoring\nand verifying take a private key (coldframe key add). Who loses all private keys loses the backups.',
      'To change keys, name the new ones: archives that are there keep their old ones, so keep the old\nprivate keys as long as their archives, and begin anew with: coldframe backup run VM --full',
      'Make a key pair with "coldframe tool new-key" or "age-keygen".',
    ],
    async run(input) {
      const to = input.texts('to');
      if (input.flag('off') && to.length > 0)
        throw usageError('--to and --off exclude each other.');
      const path = pathOf(input);
      const view =
        input.flag('off') || to.length > 0
          ? await input.client.patch<EncryptionView>(path, { encryptTo: to })
          : await input.client.get<EncryptionView>(path);
      show(input, view);
      return undefined;
    },
  },
  {
    name: 'repository recovery-sheet',
    summary: 'Print what somebody needs to restore encrypted archives without coldframe',
    arguments: [name],
    examples: ['coldframe repository recovery-sheet main'],
    notes: [
      'The sheet names the public keys and has room for the private ones: the service never gives those\nout. Print it, write them down, and keep it where the storage is not.',
    ],
    async run(input) {
      const view = await input.client.get<EncryptionView>(pathOf(input));
      if (input.output.json) input.output.document(view);
      else for (const line of recoverySheet(view, new Date())) input.output.line(printable(line));
      return undefined;
    },
  },
];

function pathOf(input: CommandInput): string {
  return `/repositories/${encodeURIComponent(input.argument('NAME'))}/encryption`;
}

function show({ output }: CommandInput, view: EncryptionView): void {
  if (output.json) {
    output.document(view);
    return;
  }
  const { repository, recipients } = view;
  if (recipients.length === 0) {
    output.line(`New archives in ${repository.name} are not encrypted.`);
    return;
  }
  output.line(`New archives in ${repository.name} are encrypted to:`);
  for (const { recipient, keyIsHere } of recipients)
    output.line(`  ${recipient}  ${keyIsHere ? 'private key is here' : 'private key is not here'}`);
  if (recipients.every(({ keyIsHere }) => !keyIsHere))
    output.note(
      'Without a private key here nothing can be restored or verified. Keep the private keys in two safe\nplaces outside of the storage that is backed up, and print: coldframe repository recovery-sheet',
    );
}
