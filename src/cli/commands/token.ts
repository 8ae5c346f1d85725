import type { NewTokenView, TokenList } from '#core/api-users.ts';
import { roles } from '#core/user.ts';

import type { Command } from '../command.ts';
import { timeText } from '../format.ts';
import { usageError } from '../parse-command-line.ts';

const dayMs = 86_400_000;

export const tokenCommands: readonly Command[] = [
  {
    name: 'token list',
    summary: 'API tokens of programs',
    examples: ['coldframe token list'],
    async run({ client, output }) {
      const { tokens } = await client.get<TokenList>('/tokens');
      if (output.json) output.document(tokens);
      else if (tokens.length === 0) output.note('There is no token.');
      else
        output.table(
          [
            { title: 'ID' },
            { title: 'NAME' },
            { title: 'ROLE' },
            { title: 'LAST USED' },
            { title: 'GOOD UNTIL' },
          ],
          tokens.map((token) => [
            token.id,
            token.name,
            token.role,
            token.lastUsedAtMs === undefined ? 'never' : timeText(token.lastUsedAtMs),
            token.expiresAtMs === undefined ? 'revoked' : timeText(token.expiresAtMs),
          ]),
        );
      return undefined;
    },
  },
  {
    name: 'token add',
    summary: 'Make an API token and print it, this once',
    arguments: [{ name: 'NAME', summary: 'what it is for' }],
    options: {
      role: { value: 'ROLE', summary: `${roles.join(', ')}; viewer unless told` },
      days: { value: 'N', summary: 'how long it is good; until it is revoked unless told' },
    },
    examples: ['coldframe token add monitoring --role metrics', 'coldframe token add ci --days 30'],
    notes: [
      'It is sent as "Authorization: Bearer TOKEN" to /api/v1 at the address of the admin page.',
    ],
    async run({ client, output, argument, text }) {
      const days = text('days');
      if (days !== undefined && !/^[1-9]\d{0,3}$/.test(days))
        throw usageError('--days takes a number from 1 to 9999.');
      const made = await client.post<NewTokenView>('/tokens', {
        name: argument('NAME'),
        role: text('role') ?? 'viewer',
        ...(days === undefined ? {} : { expiresAtMs: Date.now() + Number(days) * dayMs }),
      });
      if (output.json) output.document(made);
      else {
        output.note(`Token ${made.id} for ${made.name} (${made.role}). It is not shown again:`);
        output.line(made.secret);
      }
      return undefined;
    },
  },
  {
    name: 'token revoke',
    summary: 'Make a token worthless at once',
    arguments: [{ name: 'ID', summary: 'id from "coldframe token list"' }],
    examples: ['coldframe token revoke k3v7q2m5xw4hzabc'],
    async run({ client, output, argument }) {
      await client.delete(`/tokens/${encodeURIComponent(argument('ID'))}`);
      output.note(`Revoked ${argument('ID')}.`);
      return undefined;
    },
  },
];
