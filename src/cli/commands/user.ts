import type { UserList } from '#core/api-users.ts';
import { userRoles, type User } from '#core/user.ts';

import type { Command, CommandInput } from '../command.ts';
import { timeText } from '../format.ts';
import { readPassword } from '../prompt.ts';

const name = { name: 'NAME', summary: 'what the user signs in with' };
const passwordFile = {
  value: 'PATH',
  summary: 'file with the password in its first line; - is standard input',
};
const role = { value: 'ROLE', summary: userRoles.join(', ') };

export const userCommands: readonly Command[] = [
  {
    name: 'user list',
    summary: 'Who may sign in to the admin page',
    examples: ['coldframe user list'],
    async run({ client, output }) {
      const { users } = await client.get<UserList>('/users');
      if (output.json) output.document(users);
      else if (users.length === 0)
        output.note("Nobody yet: the page's first visitor chooses the password of admin.");
      else
        output.table(
          [{ title: 'NAME' }, { title: 'ROLE' }, { title: 'SECOND FACTOR' }, { title: 'SINCE' }],
          users.map((user) => [
            user.name,
            user.role,
            user.totp ? 'on' : 'off',
            timeText(user.createdAtMs),
          ]),
        );
      return undefined;
    },
  },
  {
    name: 'user add',
    summary: 'Add a user',
    arguments: [name],
    options: { role, 'password-file': passwordFile },
    examples: ['coldframe user add eva --role operator'],
    notes: [
      'A viewer looks; an operator also backs up, restores and verifies; an administrator does everything.',
    ],
    async run(input) {
      const password = await readPassword(input, `Password for ${input.argument('NAME')}: `);
      const user = await input.client.post<User>('/users', {
        name: input.argument('NAME'),
        role: input.text('role') ?? 'viewer',
        password: password.reveal(),
      });
      return tell(input, user, 'may sign in');
    },
  },
  {
    name: 'user password',
    summary: 'Set a new password and end the sign-ins of a user',
    arguments: [name],
    options: { 'password-file': passwordFile },
    examples: ['coldframe user password admin'],
    notes: ['For a forgotten password too: whoever may read the data folder may set it.'],
    async run(input) {
      const password = await readPassword(input, `New password for ${input.argument('NAME')}: `);
      const body = { password: password.reveal() };
      return tell(input, await input.client.patch<User>(pathOf(input), body), 'has a new password');
    },
  },
  {
    name: 'user change',
    summary: 'Change the role, or switch off the second factor',
    arguments: [name],
    options: {
      role,
      'second-factor-off': { summary: 'for a lost authenticator' },
    },
    examples: [
      'coldframe user change eva --role administrator',
      'coldframe user change eva --second-factor-off',
    ],
    async run(input) {
      const wanted = input.text('role');
      const user = await input.client.patch<User>(pathOf(input), {
        ...(wanted === undefined ? {} : { role: wanted }),
        ...(input.flag('second-factor-off') ? { totp: false } : {}),
      });
      return tell(input, user, 'is changed');
    },
  },
  {
    name: 'user remove',
    summary: 'Remove a user; the last administrator stays',
    arguments: [name],
    examples: ['coldframe user remove eva'],
    async run(input) {
      await input.client.delete(pathOf(input));
      input.output.note(`Removed ${input.argument('NAME')}.`);
      return undefined;
    },
  },
];

function pathOf(input: CommandInput): string {
  return `/users/${encodeURIComponent(input.argument('NAME'))}`;
}

function tell({ output }: CommandInput, user: User, word: string): undefined {
  if (output.json) output.document(user);
  else output.line(`${user.name} (${user.role}) ${word}.`);
}
