import { z } from 'zod';

import type { ArchiveKey } from '#core/config.ts';
import type { Secret } from '#core/secret.ts';

import { sealSecret, unsealSecret } from './seal-secret.ts';
import type { Store } from './store.ts';
import { openTable } from './table.ts';

export interface ArchiveKeys {
  /** By name. */
  listArchiveKeys(): Promise<readonly ArchiveKey[]>;
  /** The private keys, decrypted. */
  archiveIdentities(): Promise<readonly Secret[]>;
  saveArchiveKey(key: ArchiveKey, identity: Secret): Promise<void>;
  removeArchiveKey(recipient: string): Promise<void>;
}

const keySchema: z.ZodType<ArchiveKey> = z.object({
  recipient: z.string(),
  name: z.string(),
  addedAtMs: z.number().int().nonnegative(),
});

export function openArchiveKeys(store: Store, key: Buffer): ArchiveKeys {
  const keys = openTable(store, 'archive-keys', keySchema);
  const secrets = openTable(store, 'secrets', z.string());
  const secretName = (recipient: string) => `archive-key/${recipient}`;
  return {
    listArchiveKeys: async () =>
      (await keys.values()).toSorted((a, b) => a.name.localeCompare(b.name)),
    async archiveIdentities() {
      const identities: Secret[] = [];
      for (const recipient of await keys.keys()) {
        const sealed = await secrets.get(secretName(recipient));
        if (sealed !== undefined) identities.push(unsealSecret(key, secretName(recipient), sealed));
      }
      return identities;
    },
    async saveArchiveKey(added, identity) {
      const name = secretName(added.recipient);
      await store.write([
        keys.set(added.recipient, added),
        secrets.set(name, sealSecret(key, name, identity)),
      ]);
    },
    removeArchiveKey: (recipient) =>
      store.write([keys.remove(recipient), secrets.remove(secretName(recipient))]),
  };
}
