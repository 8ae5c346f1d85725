import { createHash, timingSafeEqual } from 'node:crypto';

import type { Middleware } from 'koa';

import type { Secret } from '#core/secret.ts';
import type { ApiToken, Caller } from '#core/user.ts';

import { problemOf } from './problem.ts';

/** Who calls with this bearer token; undefined: nobody that we know. */
export type Identify = (token: string) => Promise<Caller | undefined>;

/** The command line on this machine, which can read the data folder, is the administrator. */
export function localCaller(token: Secret): Identify {
  const expected = digest(token.reveal());
  return async (given) =>
    timingSafeEqual(digest(given), expected)
      ? { name: 'command line', role: 'administrator', via: 'command line' }
      : undefined;
}

export function tokenCaller(tokens: {
  find(text: string): Promise<ApiToken | undefined>;
}): Identify {
  return async (given) => {
    const token = await tokens.find(given);
    return token === undefined
      ? undefined
      : { name: `token ${token.name}`, role: token.role, via: 'token' };
  };
}

/** The first that knows the caller. */
export function anyCaller(...ways: readonly Identify[]): Identify {
  return async (given) => {
    for (const identify of ways) {
      const caller = await identify(given);
      if (caller !== undefined) return caller;
    }
    return undefined;
  };
}

/** Lets only `Authorization: Bearer <token>` pass, and remembers whose it is. */
export function authenticate(identify: Identify): Middleware {
  return async (context, next) => {
    const given = /^Bearer ([^\s]+)$/.exec(context.get('authorization'))?.[1];
    const caller = given === undefined ? undefined : await identify(given);
    if (caller !== undefined) {
      context.state['caller'] = caller;
      await next();
      return;
    }
    context.status = 401;
    context.set('WWW-Authenticate', 'Bearer');
    context.type = 'application/problem+json';
    context.body = JSON.stringify(
      problemOf(
        {
          code: 'no-permission',
          message:
            'The API wants "Authorization: Bearer TOKEN": one made with "coldframe token add" that has not expired, or on this machine the one in the file api-token of the data folder.',
        },
        401,
      ),
    );
  };
}

/** Digests have one length, as the comparison needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
