/** Who may use coldframe, and how much. */

/**
 * A ladder: each may what those before it may. `metrics` reads figures and nothing else, and is
 * for tokens only; an operator also backs up, restores and verifies; an administrator does all.
 */
export const roles = ['metrics', 'viewer', 'operator', 'administrator'] as const;
export type Role = (typeof roles)[number];

export const userRoles = ['viewer', 'operator', 'administrator'] as const;
export type UserRole = (typeof userRoles)[number];

export function reaches(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** The account that a new appliance begins with. */
export const firstUser = 'admin';

export interface User {
  /** Lower case; what people sign in with. */
  readonly name: string;
  readonly role: UserRole;
  /** Signing in also takes a code from an authenticator. */
  readonly totp: boolean;
  readonly createdAtMs: number;
}

/** For programs; the token itself is shown once and not kept. */
export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAtMs: number;
  readonly createdBy: string;
  /** Absent: until it is revoked. */
  readonly expiresAtMs?: number;
  /** To the hour. */
  readonly lastUsedAtMs?: number;
}

/** Who asked for something, and by which door. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  readonly via: 'page' | 'token' | 'command line' | 'service';
}
