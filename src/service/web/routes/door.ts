import type { Router } from '@koa/router';
import type { Context } from 'koa';

import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';

import { enter, signInCookie } from '../enter.ts';
import { readForm } from '../form-body.ts';
import { page } from '../layout.ts';
import { doorPage } from '../pages/door.ts';
import { hashPassword, passwordMatches } from '../password.ts';
import type { WebServices } from '../services.ts';
import { csrfMatches, type SignIns } from '../sign-ins.ts';

/** Signing in and out, and the first password of a new appliance. */
export function doorRoutes(router: Router, services: WebServices, signIns: SignIns): void {
  const show = async (koa: Context, next: string, problem?: string): Promise<void> => {
    const first = (await services.passwords.adminPasswordHash()) === undefined;
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
    signIns.assertMayTry();
    const hash = await services.passwords.adminPasswordHash();
    if (hash !== undefined && (await passwordMatches(new Secret(form.raw('password')), hash)))
      return enter(koa, signIns, next);
    signIns.failed();
    return show(koa, next, 'That is not the password.');
  });
  router.post('/first-password', async (koa) => {
    const form = await readForm(koa.req);
    if ((await services.passwords.adminPasswordHash()) !== undefined)
      throw new ColdframeError('no-permission', 'The password is set already. Sign in with it.');
    if (form.raw('password') !== form.raw('again'))
      return show(koa, '/', 'The two passwords differ.');
    try {
      await services.passwords.setAdminPasswordHash(
        await hashPassword(new Secret(form.raw('password'))),
      );
    } catch (error) {
      if (error instanceof ColdframeError && error.code === 'invalid-input')
        return show(koa, '/', error.message);
      throw error;
    }
    return enter(koa, signIns, '/');
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
