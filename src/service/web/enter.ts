import type { Context } from 'koa';

import type { User } from '#core/user.ts';

import type { SignIns } from '../auth/sign-ins.ts';

export const signInCookie = 'coldframe';

/** Signs the user in and leads on to `next`, a path of this host. */
export function enter(
  koa: Context,
  { signIns, user }: { readonly signIns: SignIns; readonly user: User },
  next: string,
): void {
  koa.cookies.set(signInCookie, signIns.begin(user), {
    httpOnly: true,
    sameSite: 'strict',
    secure: koa.secure,
    overwrite: true,
  });
  koa.status = 303;
  koa.set('Location', next);
  koa.body = '';
}
