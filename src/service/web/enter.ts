import type { Context } from 'koa';

import type { SignIns } from './sign-ins.ts';

export const signInCookie = 'coldframe';

/** Signs the reader in and leads on to `next`, a path of this host. */
export function enter(koa: Context, signIns: SignIns, next: string): void {
  koa.cookies.set(signInCookie, signIns.begin('admin'), {
    httpOnly: true,
    sameSite: 'strict',
    secure: koa.secure,
    overwrite: true,
  });
  koa.status = 303;
  koa.set('Location', next);
  koa.body = '';
}
