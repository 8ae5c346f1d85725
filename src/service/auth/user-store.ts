import type { AuditCheck, AuditEntry, AuditEvent } from '#core/audit.ts';
import type { Secret } from '#core/secret.ts';
import type { ApiToken, User } from '#core/user.ts';

/** What users, tokens and the audit log ask of the catalog. */

export interface StoredUser extends User {
  readonly passwordHash: string;
}

export interface StoredToken extends ApiToken {
  readonly digest: string;
}

export interface UserStore {
  listUsers(): Promise<readonly StoredUser[]>;
  getUser(name: string): Promise<StoredUser | undefined>;
  saveUser(user: StoredUser, totpSecret?: Secret): Promise<void>;
  removeUser(name: string): Promise<void>;
  totpSecret(name: string): Promise<Secret | undefined>;
}

export interface TokenStore {
  listTokens(): Promise<readonly StoredToken[]>;
  getToken(id: string): Promise<StoredToken | undefined>;
  saveToken(token: StoredToken): Promise<void>;
  noteTokenUse(id: string, timeMs: number): Promise<void>;
  removeToken(id: string): Promise<void>;
}

export interface AuditStore {
  appendAudit(event: AuditEvent): Promise<AuditEntry>;
  listAudit(page: {
    readonly limit: number;
    readonly before?: number;
  }): Promise<readonly AuditEntry[]>;
  checkAudit(): Promise<AuditCheck>;
}

/** Never throws: what could not be written down is told in the service's log. */
export type RecordAudit = (event: AuditEvent) => Promise<void>;
