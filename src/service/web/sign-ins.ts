import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Clock } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';

/** Someone who has signed in to the admin page. Kept in memory: a restart signs everybody out. */
export interface SignIn {
  readonly user: string;
  /** Goes into every form; a page of another host cannot know it. */
  readonly csrf: string;
}

interface Held extends SignIn {
  readonly endsMs: number;
  idleEndsMs: number;
}

const longestMs = 12 * 3_600_000;
const idleMs = 30 * 60_000;
/** Wrong passwords that cost nothing; each further one doubles the wait. */
const freeFailures = 3;
const longestWaitMs = 15 * 60_000;

export class SignIns {
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();
  #failures = 0;
  #waitUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Call before looking at a password. One counter for all callers: there is one account to guess. */
  assertMayTry(): void {
    const waitMs = this.#waitUntilMs - this.#clock.now();
    if (waitMs > 0)
      throw new ColdframeError(
        'busy',
        `Too many wrong passwords. Try again in ${Math.ceil(waitMs / 1000)} seconds.`,
      );
  }

  failed(): void {
    this.#failures++;
    const doublings = this.#failures - freeFailures;
    if (doublings <= 0) return;
    this.#waitUntilMs = this.#clock.now() + Math.min(longestWaitMs, 1000 * 2 ** doublings);
  }

  /** The cookie's value; only its digest is kept. */
  begin(user: string): string {
    this.#failures = 0;
    this.#waitUntilMs = 0;
    this.#dropExpired();
    const token = randomBytes(32).toString('base64url');
    const now = this.#clock.now();
    this.#held.set(digest(token), {
      user,
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

  endAll(): void {
    this.#held.clear();
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
