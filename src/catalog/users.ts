import { z } from 'zod';

import type { Secret } from '#core/secret.ts';
import { firstUser, userRoles, type User } from '#core/user.ts';

import { sealSecret, unsealSecret } from './seal-secret.ts';
import type { Store } from './store.ts';
import { openTable } from './table.ts';

export interface StoredUser extends User {
  readonly passwordHash: string;
}

export interface Users {
  /** By name. */
  listUsers(): Promise<readonly StoredUser[]>;
  getUser(name: string): Promise<StoredUser | undefined>;
  /** Adds or replaces; `totp` false also forgets its secret. */
  saveUser(user: StoredUser, totpSecret?: Secret): Promise<void>;
  removeUser(name: string): Promise<void>;
  totpSecret(name: string): Promise<Secret | undefined>;
  /** Of the first user; undefined on a new appliance. */
  adminPasswordHash(): Promise<string | undefined>;
  setAdminPasswordHash(hash: string): Promise<void>;
}

const userSchema: z.ZodType<StoredUser> = z.object({
  name: z.string(),
  role: z.enum(userRoles),
  totp: z.boolean(),
  createdAtMs: z.number().int().nonnegative(),
  passwordHash: z.string(),
});

export function openUsers(
  store: Store,
  { key, nowMs }: { readonly key: Buffer; readonly nowMs: () => number },
): Users {
  const users = openTable(store, 'users', userSchema);
  const secrets = openTable(store, 'secrets', z.string());
  const secretName = (name: string) => `user/${name}/totp`;
  return {
    listUsers: () => users.values(),
    getUser: (name) => users.get(name),
    async saveUser(user, totpSecret) {
      const at = secretName(user.name);
      await store.write([
        users.set(user.name, user),
        ...(totpSecret === undefined ? [] : [secrets.set(at, sealSecret(key, at, totpSecret))]),
        ...(user.totp ? [] : [secrets.remove(at)]),
      ]);
    },
    removeUser: (name) => store.write([users.remove(name), secrets.remove(secretName(name))]),
    async totpSecret(name) {
      const sealed = await secrets.get(secretName(name));
      return sealed === undefined ? undefined : unsealSecret(key, secretName(name), sealed);
    },
    adminPasswordHash: async () => (await users.get(firstUser))?.passwordHash,
    async setAdminPasswordHash(passwordHash) {
      const found = await users.get(firstUser);
      const fresh = {
        name: firstUser,
        role: 'administrator' as const,
        totp: false,
        createdAtMs: nowMs(),
      };
      await store.write([users.set(firstUser, { ...(found ?? fresh), passwordHash })]);
    },
  };
}
