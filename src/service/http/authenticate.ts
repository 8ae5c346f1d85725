import { createHash, timingSafeEqual } from 'node:crypto';

import type { Middleware } from 'koa';

import type { Secret } from '#core/secret.ts';

import { problemOf } from './problem.ts';

/** Lets only `Authorization: Bearer <token>` pass. */
export function authenticate(token: Secret): Middleware {
  const expected = digest(token.reveal());
  return async (context, next) => {
    const given = /^Bearer ([^\s]+)$/.exec(context.get('authorization'))?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) {
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
            'The API wants "Authorization: Bearer TOKEN"; the token is in the file api-token of the data folder.',
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
