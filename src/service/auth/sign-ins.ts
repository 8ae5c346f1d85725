import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Clock } from '#core/clock.ts';
import type { User, UserRole } from '#core/user.ts';

/** Someone who has signed in to the admin page. Kept in memory: a restart signs everybody out. */
export interface SignIn {
  readonly user: string;
  readonly role: UserRole;
  /** Goes into every form; a page of another host cannot know it. */
  readonly csrf: string;
}

interface Held extends SignIn {
  readonly endsMs: number;
  idleEndsMs: number;
}

const longestMs = 12 * 3_600_000;
const idleMs = 30 * 60_000;

export class SignIns {
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The cookie's value; only its digest is kept. */
  begin({ name, role }: Pick<User, 'name' | 'role'>): string {
    this.#dropExpired();
    const token = randomBytes(32).toString('base64url');
    const now = this.#clock.now();
    this.#held.set(digest(token), {
      user: name,
      role,
      csrf: randomBytes(24).toString('base64url'),
      endsMs: now + longestMs,
      idleEndsMs: now + idleMs,
    });
    return token;
  }

  find(token: string | undefined): SignIn | undefined {
    if (token === undefined) return undefined;
    const held = this.#held.get(digest(token));
    const now = this.#clock.now();
    if (held === undefined || now >= Math.min(held.endsMs, held.idleEndsMs)) return undefined;
    held.idleEndsMs = now + idleMs;
    return held;
  }

  /** Like find, without counting as use: a live page left open must not keep a sign-in alive. */
  isValid(token: string | undefined): boolean {
    const held = token === undefined ? undefined : this.#held.get(digest(token));
    return held !== undefined && this.#clock.now() < Math.min(held.endsMs, held.idleEndsMs);
  }

  end(token: string | undefined): void {
    if (token !== undefined) this.#held.delete(digest(token));
  }

  /** After a change of password or role: whoever was in is out. */
  endOf(user: string): void {
    for (const [key, held] of this.#held) if (held.user === user) this.#held.delete(key);
  }

  #dropExpired(): void {
    const now = this.#clock.now();
    for (const [key, held] of this.#held)
      if (now >= Math.min(held.endsMs, held.idleEndsMs)) this.#held.delete(key);
  }
}

export function csrfMatches(signIn: SignIn, given: unknown): boolean {
  if (typeof given !== 'string') return false;
  return timingSafeEqual(Buffer.from(digest(given)), Buffer.from(digest(signIn.csrf)));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
