import type { Middleware } from 'koa';

import { ColdframeError, toErrorRecord } from '#core/error.ts';

import { csrfMatches, type SignIns } from '../auth/sign-ins.ts';
import { httpStatus } from '../http/problem.ts';
import { act } from './act.ts';
import { signInCookie } from './enter.ts';
import { readForm } from './form-body.ts';
import { html } from './html.ts';
import { page } from './layout.ts';
import type { PageContext, PageHandler, PageRoute } from './page-context.ts';
import { onlyPermitted } from './permitted.ts';
import type { PageAuth } from './services.ts';

/**
 * Lets signed-in people whose role reaches through to `handler`, others to the door. Posted forms
 * must carry the token; those that cannot be undone the password again. Posts are written down.
 */
export function signedIn(auth: PageAuth, route: PageRoute, handler: PageHandler): Middleware {
  const { signIns } = auth;
  return async (koa) => {
    const signIn = signIns.find(koa.cookies.get(signInCookie));
    if (signIn === undefined) {
      koa.redirect(`/login?next=${encodeURIComponent(koa.method === 'GET' ? koa.url : '/')}`);
      return;
    }
    const form = koa.method === 'POST' ? await readForm(koa.req) : undefined;
    if (form !== undefined && !csrfMatches(signIn, form.raw('csrf')))
      throw new ColdframeError(
        'no-permission',
        'This form is too old. Go back, reload the page and try again.',
      );
    const gone = new AbortController();
    koa.res.once('close', () => gone.abort(new ColdframeError('cancelled', 'The reader left.')));
    const context: PageContext = {
      koa,
      signIn,
      signal: gone.signal,
      stillSignedIn: () => signIns.isValid(koa.cookies.get(signInCookie)),
      form,
      query: (name) => firstOf(koa.query[name]),
      params: koa['params'] as Readonly<Record<string, string>>,
      show: (frame, content) => {
        koa.type = 'text/html; charset=utf-8';
        koa.body = onlyPermitted(
          page({ ...frame, user: signIn.user, csrf: signIn.csrf }, content),
          signIn.role,
        );
      },
      goTo: (path) => {
        koa.status = 303;
        koa.set('Location', path);
        koa.body = '';
      },
    };
    await act(auth, { context, route }, () => handler(context));
  };
}

/** Every failure becomes a page with the sentence that says what to do. */
export function failuresAsPages(signIns: SignIns, onFault: (error: unknown) => void): Middleware {
  return async (koa, next) => {
    try {
      await next();
      if (koa.status === 404 && koa.body === undefined)
        throw new ColdframeError('not-found', `There is no page ${koa.path}.`);
    } catch (error) {
      const record = toErrorRecord(error);
      const status = httpStatus(record.code);
      if (status >= 500) onFault(error);
      const signIn = signIns.find(koa.cookies.get(signInCookie));
      koa.status = status;
      koa.type = 'text/html; charset=utf-8';
      koa.body = page(
        {
          title: 'That did not work',
          room: '',
          ...(signIn === undefined ? {} : { user: signIn.user, csrf: signIn.csrf }),
        },
        html`<h1>That did not work</h1><div class="notice bad" role="alert"><p>${record.message}</p></div>
<p><a href="/">Back to the dashboard</a></p>`,
      );
    }
  };
}

function firstOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
