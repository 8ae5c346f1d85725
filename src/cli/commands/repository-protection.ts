import type { RepositoryConfig } from '#core/config.ts';

import type { Command } from '../command.ts';
import { count } from '../format.ts';
import { usageError } from '../parse-command-line.ts';

export const repositoryProtectionCommand: Command = {
  name: 'repository protect',
  summary: 'Choose for how long nobody can change or delete new archives',
  arguments: [{ name: 'NAME', summary: 'name or id of the repository' }],
  options: {
    days: { value: 'N', summary: 'days from each backup; 0 protects new archives no more' },
  },
  examples: ['coldframe repository protect main --days 14'],
  notes: [
    'On the appliance’s own disk (ext4, XFS). After each backup the archive is made immutable, and\ncoldframe tries to overwrite and to delete it and records that it was refused. Retention waits for\nthe date; who is root on the appliance can still lift it.',
  ],
  async run({ client, output, argument, text }) {
    const days = Number(text('days') ?? Number.NaN);
    if (!Number.isInteger(days)) throw usageError('--days takes a whole number.');
    const path = `/repositories/${encodeURIComponent(argument('NAME'))}/protection`;
    const changed = await client.patch<RepositoryConfig>(path, { days });
    if (output.json) output.document(changed);
    else
      output.line(
        changed.protectDays === undefined
          ? `New archives in ${changed.name} are not protected; what is protected stays so until its date.`
          : `New archives in ${changed.name} are protected for ${count(changed.protectDays, 'day')}.`,
      );
    return undefined;
  },
};
