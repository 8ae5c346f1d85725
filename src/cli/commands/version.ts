import { version } from '#core/version.ts';

import type { Command } from '../command.ts';

export const versionCommand: Command = {
  name: 'version',
  summary: 'Version of this program',
  examples: ['coldframe version'],
  async run({ output }) {
    if (output.json) output.document({ version, node: process.version });
    else output.line(`coldframe ${version} (Node ${process.version})`);
    return undefined;
  },
};
