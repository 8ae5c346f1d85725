import { ColdframeError, toErrorRecord } from '#core/error.ts';
import { Secret } from '#core/secret.ts';
import { reaches } from '#core/user.ts';

import { asksPasswordAgain, roleNeeded } from '../auth/permissions.ts';
import { httpStatus } from '../http/problem.ts';
import type { PageContext, PageRoute } from './page-context.ts';
import { ownPasswordField, passwordAgainPage } from './pages/password-again.ts';
import type { PageAuth } from './services.ts';

/** Runs what a page was asked to do, if this reader may and is still who signed in; writes it down. */
export async function act(
  auth: PageAuth,
  { context, route }: { readonly context: PageContext; readonly route: PageRoute },
  work: () => Promise<void> | void,
): Promise<void> {
  const { koa, signIn } = context;
  const tell = (outcome: 'done' | 'refused' | 'failed'): Promise<void> => {
    const led = koa.response.get('Location');
    return auth.record({
      who: signIn.user,
      via: 'page',
      action: `${route.method} ${route.path}`,
      target: koa.path,
      outcome,
      // The run or the object that came of it says the rest.
      ...(led === '' || led === koa.path ? {} : { detail: `led to ${led}` }),
    });
  };
  const needed = roleNeeded('page', route.method, route.path);
  if (!reaches(signIn.role, needed)) {
    await tell('refused');
    throw new ColdframeError(
      'no-permission',
      `Your role is ${signIn.role}; this needs the role ${needed}.`,
    );
  }
  if (route.method === 'GET') {
    await work();
    return;
  }
  if (asksPasswordAgain(route.path) && !(await passwordGiven(auth, context))) return;
  try {
    await work();
  } catch (error) {
    await tell(httpStatus(toErrorRecord(error).code) < 500 ? 'refused' : 'failed');
    throw error;
  }
  await tell('done');
}

/** Shows the question, with what was posted inside it, until the right password comes with it. */
async function passwordGiven({ users, record }: PageAuth, context: PageContext): Promise<boolean> {
  const { koa, form, signIn, show } = context;
  const given = form!.raw(ownPasswordField);
  if (given !== '' && (await users.isPasswordOf(signIn.user, new Secret(given)))) return true;
  if (given !== '')
    await record({
      who: signIn.user,
      via: 'page',
      action: 'password again',
      target: koa.path,
      outcome: 'refused',
    });
  const fields = form!.entries().filter(([name]) => name !== ownPasswordField && name !== 'csrf');
  show(
    { title: 'Your password, please', room: '' },
    passwordAgainPage({ action: koa.path, fields, csrf: signIn.csrf, wrong: given !== '' }),
  );
  return false;
}
