import { generateKeyPairSync } from 'node:crypto';

import { z } from 'zod';

import { Secret } from '#core/secret.ts';

import { sealSecret, unsealSecret } from './seal-secret.ts';
import type { Store } from './store.ts';
import { openTable } from './table.ts';

export interface SigningKeys {
  /** The Ed25519 key that restore points are signed with, PKCS #8 in PEM; made when it is first asked for. */
  signingKey(): Promise<Secret>;
}

const name = 'signing-key';

export function openSigningKey(store: Store, key: Buffer): SigningKeys {
  const secrets = openTable(store, 'secrets', z.string());
  let loading: Promise<Secret> | undefined;
  const load = async (): Promise<Secret> => {
    const sealed = await secrets.get(name);
    if (sealed !== undefined) return unsealSecret(key, name, sealed);
    const { privateKey } = generateKeyPairSync('ed25519');
    const made = new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    await store.write([secrets.set(name, sealSecret(key, name, made))]);
    return made;
  };
  return { signingKey: () => (loading ??= load()) };
}
