import type { AuditEntry } from './audit.ts';
import type { ApiToken, User } from './user.ts';

/** What the API sends of users, tokens and the audit log. */

export interface UserList {
  readonly users: readonly User[];
}

export interface TokenList {
  readonly tokens: readonly ApiToken[];
}

export interface NewTokenView extends ApiToken {
  /** Not kept: it cannot be shown again. */
  readonly secret: string;
}

export interface AuditList {
  readonly entries: readonly AuditEntry[];
  /** Give it as `before` for the next page. */
  readonly before?: number;
}
