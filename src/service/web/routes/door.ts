import type { Router } from '@koa/router';
import type { Context } from 'koa';

import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';
import { firstUser } from '#core/user.ts';

import { csrfMatches } from '../../auth/sign-ins.ts';
import { enter, signInCookie } from '../enter.ts';
import { readForm } from '../form-body.ts';
import { page } from '../layout.ts';
import { doorPage } from '../pages/door.ts';
import type { PageAuth } from '../services.ts';

/** Signing in and out, and the first password of a new appliance. */
export function doorRoutes(router: Router, { users, signIns }: PageAuth): void {
  const show = async (koa: Context, next: string, problem?: string): Promise<void> => {
    const first = await users.isNew();
    koa.type = 'text/html; charset=utf-8';
    if (problem !== undefined) koa.status = 422;
    koa.body = page(
      { title: first ? 'Welcome' : 'Sign in', room: '' },
      doorPage({ first, next, ...(problem === undefined ? {} : { problem }) }),
    );
  };

  router.get('/login', (koa) => show(koa, localPath(koa.query['next'])));
  router.post('/login', async (koa) => {
    const form = await readForm(koa.req);
    const next = localPath(form.text('next'));
    const user = await users.signIn({
      name: form.text('user').toLowerCase() || firstUser,
      password: new Secret(form.raw('password')),
      code: form.text('code'),
    });
    if (user !== undefined) return enter(koa, { signIns, user }, next);
    return show(koa, next, 'User, password or code are not right.');
  });
  router.post('/first-password', async (koa) => {
    const form = await readForm(koa.req);
    if (form.raw('password') !== form.raw('again'))
      return show(koa, '/', 'The two passwords differ.');
    try {
      const user = await users.addFirst(new Secret(form.raw('password')));
      return enter(koa, { signIns, user }, '/');
    } catch (error) {
      if (error instanceof ColdframeError && error.code === 'invalid-input')
        return show(koa, '/', error.message);
      throw error;
    }
  });
  router.post('/logout', async (koa) => {
    const token = koa.cookies.get(signInCookie);
    const signIn = signIns.find(token);
    const form = await readForm(koa.req);
    if (signIn !== undefined && csrfMatches(signIn, form.raw('csrf'))) signIns.end(token);
    koa.cookies.set(signInCookie, null);
    koa.redirect('/login');
  });
}

/** Only paths of this host: a crafted link must not lead elsewhere after signing in. */
function localPath(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/';
}
