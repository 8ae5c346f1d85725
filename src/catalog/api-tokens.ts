import { z } from 'zod';

import { roles, type ApiToken } from '#core/user.ts';

import type { Store } from './store.ts';
import { openTable } from './table.ts';

export interface StoredToken extends ApiToken {
  /** SHA-256 of the token, hex. */
  readonly digest: string;
}

export interface ApiTokens {
  /** Newest first. */
  listTokens(): Promise<readonly StoredToken[]>;
  getToken(id: string): Promise<StoredToken | undefined>;
  saveToken(token: StoredToken): Promise<void>;
  /** Apart from the token: a use that is noted late must not bring back one that was revoked. */
  noteTokenUse(id: string, timeMs: number): Promise<void>;
  removeToken(id: string): Promise<void>;
}

const timeMs = z.number().int().nonnegative();

const tokenSchema: z.ZodType<StoredToken> = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  createdAtMs: timeMs,
  createdBy: z.string(),
  expiresAtMs: timeMs.exactOptional(),
  digest: z.string(),
});

export function openApiTokens(store: Store): ApiTokens {
  const tokens = openTable(store, 'api-tokens', tokenSchema);
  const uses = openTable(store, 'api-token-uses', timeMs);
  const withUse = async (token: StoredToken): Promise<StoredToken> => {
    const lastUsedAtMs = await uses.get(token.id);
    return lastUsedAtMs === undefined ? token : { ...token, lastUsedAtMs };
  };
  return {
    async listTokens() {
      const all = await Promise.all((await tokens.values()).map(withUse));
      return all.toSorted((a, b) => b.createdAtMs - a.createdAtMs);
    },
    async getToken(id) {
      const token = await tokens.get(id);
      return token === undefined ? undefined : withUse(token);
    },
    saveToken: (token) => store.write([tokens.set(token.id, token)]),
    noteTokenUse: (id, usedAtMs) => store.write([uses.set(id, usedAtMs)]),
    removeToken: (id) => store.write([tokens.remove(id), uses.remove(id)]),
  };
}
