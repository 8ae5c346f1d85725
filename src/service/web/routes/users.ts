import { z } from 'zod';

import { Secret } from '#core/secret.ts';
import { roles, userRoles } from '#core/user.ts';

import { tokenName, userName } from '../../http/routes/users.ts';
import type { PageContext } from '../page-context.ts';
import { fromForm } from '../form-body.ts';
import { tokensPage, usersPage } from '../pages/users.ts';
import type { Room } from './room.ts';

const role = z.enum(userRoles);
const newToken = z.object({
  name: tokenName,
  role: z.enum(roles),
  days: z.coerce.number().int().min(1).max(3650),
});
const dayMs = 86_400_000;

/** For administrators: who may sign in, and tokens for programs. */
export function userRoutes(room: Room): void {
  const { clock, auth } = room.services;
  const { users, tokens } = auth;
  const nameOf = ({ params }: PageContext): string => params['name'] ?? '';
  room.get('/settings/users', async ({ show, signIn }) =>
    show(
      { title: 'Users', room: '/settings' },
      usersPage({ users: await users.list(), csrf: signIn.csrf }),
    ),
  );
  room.post('/settings/users', async ({ form, goTo }) => {
    const wanted = fromForm(z.object({ name: userName, role }), {
      name: form.text('name'),
      role: form.text('role'),
    });
    await users.add({ ...wanted, password: new Secret(form.raw('password')) });
    goTo('/settings/users');
  });
  room.post('/settings/users/:name/role', async (context) => {
    await users.change(nameOf(context), { role: fromForm(role, context.form.text('role')) });
    context.goTo('/settings/users');
  });
  room.post('/settings/users/:name/password', async (context) => {
    await users.change(nameOf(context), { password: new Secret(context.form.raw('password')) });
    context.goTo('/settings/users');
  });
  room.post('/settings/users/:name/second-factor-off', async (context) => {
    await users.change(nameOf(context), { totp: false });
    context.goTo('/settings/users');
  });
  room.post('/settings/users/:name/remove', async (context) => {
    await users.remove(nameOf(context));
    context.goTo('/settings/users');
  });
  const showTokens = async ({ show, signIn }: PageContext, secret?: Secret): Promise<void> =>
    show(
      { title: 'API tokens', room: '/settings' },
      tokensPage({
        tokens: await tokens.list(),
        csrf: signIn.csrf,
        nowMs: clock.now(),
        ...(secret === undefined ? {} : { secret: secret.reveal() }),
      }),
    );
  room.get('/settings/tokens', (context) => showTokens(context));
  room.post('/settings/tokens', async (context) => {
    const { form, signIn } = context;
    const { days, ...wanted } = fromForm(newToken, {
      name: form.text('name'),
      role: form.text('role'),
      days: form.text('days'),
    });
    const expiresAtMs = clock.now() + days * dayMs;
    const { secret } = await tokens.add({ ...wanted, expiresAtMs, createdBy: signIn.user });
    await showTokens(context, secret);
  });
  room.post('/settings/tokens/:id/remove', async ({ params, goTo }) => {
    await tokens.remove(params['id'] ?? '');
    goTo('/settings/tokens');
  });
}
