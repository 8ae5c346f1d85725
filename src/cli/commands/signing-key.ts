import type { SigningKeyView } from '#core/api.ts';

import type { Command } from '../command.ts';

export const signingKeyCommand: Command = {
  name: 'signing-key',
  summary: 'Print the public key that restore points are signed with',
  examples: ['coldframe signing-key'],
  notes: [
    'Save it as a file away from the repositories: with it, "coldframe tool verify --key" shows that\nan archive is as this appliance made it.',
  ],
  async run({ client, output }) {
    const key = await client.get<SigningKeyView>('/signing-key');
    if (output.json) {
      output.document(key);
      return undefined;
    }
    output.line(key.pem.trimEnd());
    output.note(`Archives name it ${key.keyId}.`);
    return undefined;
  },
};
