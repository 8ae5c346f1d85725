import type { Clock } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';

/** Wrong passwords that cost nothing; each further one doubles the wait. */
const freeFailures = 3;
const longestWaitMs = 15 * 60_000;

interface Count {
  failures: number;
  waitUntilMs: number;
}

/** Slows down guessing, an account at a time, so that nobody is locked out by another's errors. */
export class Attempts {
  readonly #clock: Clock;
  readonly #counts = new Map<string, Count>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Call before looking at a password. */
  assertMayTry(account: string): void {
    const waitMs = (this.#counts.get(account)?.waitUntilMs ?? 0) - this.#clock.now();
    if (waitMs > 0)
      throw new ColdframeError(
        'busy',
        `Too many wrong passwords. Try again in ${Math.ceil(waitMs / 1000)} seconds.`,
      );
  }

  failed(account: string): void {
    const count = this.#counts.get(account) ?? { failures: 0, waitUntilMs: 0 };
    this.#counts.set(account, count);
    const doublings = ++count.failures - freeFailures;
    if (doublings > 0)
      count.waitUntilMs = this.#clock.now() + Math.min(longestWaitMs, 1000 * 2 ** doublings);
  }

  succeeded(account: string): void {
    this.#counts.delete(account);
  }
}
