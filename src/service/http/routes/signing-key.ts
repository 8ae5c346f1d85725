import type { SigningKeyView } from '#core/api.ts';

import { route, type BoundRoute } from '../route.ts';

export function signingKeyRoutes(publicKey: () => Promise<SigningKeyView>): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/signing-key',
      summary: 'Show the public key that restore points are signed with',
      handle: publicKey,
    }),
  ];
}
