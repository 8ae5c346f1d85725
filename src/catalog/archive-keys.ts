import { z } from 'zod';

import type { ArchiveKey, UnlockedArchiveKey } from '#core/config.ts';
import type { Secret } from '#core/secret.ts';

import { sealSecret, unsealSecret } from './seal-secret.ts';
import type { Store } from './store.ts';
import { openTable } from './table.ts';

export interface ArchiveKeys {
  /** By name. */
  listArchiveKeys(): Promise<readonly ArchiveKey[]>;
  /** With the private keys, decrypted. */
  unlockArchiveKeys(): Promise<readonly UnlockedArchiveKey[]>;
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
    async unlockArchiveKeys() {
      const unlocked: UnlockedArchiveKey[] = [];
      for (const each of await keys.values()) {
        const name = secretName(each.recipient);
        const sealed = await secrets.get(name);
        if (sealed !== undefined)
          unlocked.push({ ...each, identity: unsealSecret(key, name, sealed) });
      }
      return unlocked;
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
