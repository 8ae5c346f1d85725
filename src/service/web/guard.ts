import type { Middleware } from 'koa';

import { ColdframeError } from '#core/error.ts';

/**
 * No inline script or style, nothing from other hosts, no framing. Set on every answer, the
 * failed ones too.
 */
export const securityHeaders: Middleware = async (context, next) => {
  context.set({
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    // Under "no-referrer" browsers post our own forms with "Origin: null", which is refused below.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  });
  if (context.secure) context.set('Strict-Transport-Security', 'max-age=31536000');
  await next();
};

/** Refuses what another site's page posts; forms carry a token besides, once somebody is signed in. */
export const sameOrigin: Middleware = async (context, next) => {
  if (context.method === 'POST') {
    const site = context.get('sec-fetch-site');
    const origin = context.get('origin');
    const foreign =
      (site !== '' && site !== 'same-origin' && site !== 'none') ||
      (origin !== '' && origin !== 'null' && URL.parse(origin)?.host !== context.host);
    if (foreign || origin === 'null')
      throw new ColdframeError('no-permission', 'This form was posted from another site.');
  }
  await next();
};
