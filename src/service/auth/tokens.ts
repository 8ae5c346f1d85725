import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Clock, IdSource } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';
import type { ApiToken, Role } from '#core/user.ts';

import type { StoredToken, TokenStore } from './user-store.ts';

export interface TokensOptions {
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly ids: IdSource;
}

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly expiresAtMs?: number | undefined;
  readonly createdBy: string;
}

const prefix = 'cf_';
/** Use is noted this often: not a write for every call. */
const noteEveryMs = 3_600_000;

/** Tokens by which programs use the API. Only their digests are kept. */
export class Tokens {
  readonly #options: TokensOptions;

  constructor(options: TokensOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly ApiToken[]> {
    return (await this.#options.store.listTokens()).map(withoutDigest);
  }

  /** The only time that the token can be seen. */
  async add(wanted: NewToken): Promise<{ readonly token: ApiToken; readonly secret: Secret }> {
    const { store, clock, ids } = this.#options;
    const { name, role, createdBy, expiresAtMs } = wanted;
    const now = clock.now();
    if (expiresAtMs !== undefined && expiresAtMs <= now)
      throw new ColdframeError('invalid-input', 'The token would have expired already.');
    const id = ids.next();
    const text = `${prefix}${id}_${randomBytes(32).toString('base64url')}`;
    const token: StoredToken = {
      id,
      name,
      role,
      createdAtMs: now,
      createdBy,
      ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
      digest: digest(text).toString('hex'),
    };
    await store.saveToken(token);
    return { token: withoutDigest(token), secret: new Secret(text) };
  }

  async remove(id: string): Promise<void> {
    const { store } = this.#options;
    if ((await store.getToken(id)) === undefined)
      throw new ColdframeError('not-found', `There is no token ${id}. See: coldframe token list`);
    await store.removeToken(id);
  }

  /** Undefined for what is no token of ours, or one that has expired. */
  async find(text: string): Promise<ApiToken | undefined> {
    const { store, clock } = this.#options;
    const id = /^cf_([a-z0-9]{1,32})_/.exec(text)?.[1];
    const token = id === undefined ? undefined : await store.getToken(id);
    if (token === undefined) return undefined;
    if (!timingSafeEqual(digest(text), Buffer.from(token.digest, 'hex'))) return undefined;
    const now = clock.now();
    if (token.expiresAtMs !== undefined && now >= token.expiresAtMs) return undefined;
    if (now - (token.lastUsedAtMs ?? 0) >= noteEveryMs) await store.noteTokenUse(token.id, now);
    return withoutDigest(token);
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function withoutDigest(stored: StoredToken): ApiToken {
  const { id, name, role, createdAtMs, createdBy, expiresAtMs, lastUsedAtMs } = stored;
  return {
    id,
    name,
    role,
    createdAtMs,
    createdBy,
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    ...(lastUsedAtMs === undefined ? {} : { lastUsedAtMs }),
  };
}
