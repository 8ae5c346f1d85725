import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';

import { newTotpSecret, totpLink } from '../../auth/totp.ts';
import type { PageContext } from '../page-context.ts';
import { enter } from '../enter.ts';
import type { Form } from '../form-body.ts';
import { accountPage, type AccountView } from '../pages/account.ts';
import type { Room } from './room.ts';

/** What everybody may do for themselves. */
export function accountRoutes(room: Room): void {
  const { users, signIns } = room.services.auth;
  room.get('/account', (context) => showAccount(room, context, {}));
  room.post('/account/password', async (context) => {
    const { koa, form, signIn } = context;
    await assertOwnPassword(room, context);
    if (form.raw('password') !== form.raw('again'))
      throw new ColdframeError(
        'invalid-input',
        'Nothing was changed: the two new passwords differ.',
      );
    // Every sign-in ends: whoever knows the old password is out with it.
    const user = await users.change(signIn.user, { password: new Secret(form.raw('password')) });
    enter(koa, { signIns, user }, '/account');
  });
  room.post('/account/second-factor', async (context) => {
    const { form, signIn } = context;
    const given = form.text('secret');
    if (given === '') return showAccount(room, context, { enrol: enrolment(signIn.user) });
    if (!/^[A-Z2-7]{32}$/.test(given))
      throw new ColdframeError('invalid-input', 'That key is none that this page gave.');
    await assertOwnPassword(room, context);
    const secret = new Secret(given);
    try {
      await users.enrol(signIn.user, secret, form.text('code'));
    } catch (error) {
      if (!(error instanceof ColdframeError) || error.code !== 'invalid-input') throw error;
      const enrol = { ...enrolment(signIn.user, secret), problem: error.message };
      return showAccount(room, context, { enrol });
    }
    return showAccount(room, context, { said: 'The second factor is on.' });
  });
  room.post('/account/second-factor/off', async (context) => {
    const { koa, signIn } = context;
    await assertOwnPassword(room, context);
    const user = await users.change(signIn.user, { totp: false });
    enter(koa, { signIns, user }, '/account');
  });
}

async function showAccount(
  { services }: Room,
  { show, signIn }: PageContext,
  extra: Pick<AccountView, 'said' | 'enrol'>,
): Promise<void> {
  const { user, role, csrf } = signIn;
  const found = (await services.auth.users.list()).find(({ name }) => name === user);
  show(
    { title: 'Your account', room: '/settings' },
    accountPage({ user, role, totp: found?.totp === true, csrf, ...extra }),
  );
}

function enrolment(user: string, secret = newTotpSecret()): NonNullable<AccountView['enrol']> {
  return { secret: secret.reveal(), link: totpLink(secret, user) };
}

async function assertOwnPassword(
  { services }: Room,
  { form, signIn }: PageContext & { readonly form: Form },
): Promise<void> {
  if (await services.auth.users.isPasswordOf(signIn.user, new Secret(form.raw('old')))) return;
  throw new ColdframeError('invalid-input', 'Nothing was changed: the password now is another.');
}
