import { newIdentity } from '#archive/age-keys.ts';

import type { Command } from '../command.ts';
import { writeNewFile } from '../new-file.ts';
import { printable } from '../output.ts';

export const newKeyCommand: Command = {
  name: 'tool new-key',
  summary: 'Make a key pair for encrypted archives',
  arguments: [{ name: 'FILE', summary: 'where the private key goes; must not exist' }],
  examples: ['coldframe tool new-key key.txt'],
  notes: [
    'The file is as age-keygen makes it. Make it on a machine that is not the appliance, and copy it to\ntwo safe places: who loses it loses the backups.',
  ],
  async run({ output, argument }) {
    const file = argument('FILE');
    const { identity, recipient } = await newIdentity();
    const text = `# created: ${new Date().toISOString()}\n# public key: ${recipient}\n${identity.reveal()}\n`;
    await writeNewFile(file, text);
    if (output.json) output.document({ file, recipient });
    else output.line(recipient);
    output.note(
      `The private key is in ${printable(file)}. Without it nobody can read the archives.`,
    );
    return undefined;
  },
};
