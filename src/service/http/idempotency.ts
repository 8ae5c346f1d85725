import { createHash } from 'node:crypto';

import type { Clock } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';

const keepMs = 24 * 3_600_000;
const mostKept = 10_000;

interface Kept {
  readonly digest: string;
  readonly result: Promise<unknown>;
  readonly endsMs: number;
}

/**
 * Answers to requests that carried an Idempotency-Key. Kept in memory: after a restart a key is
 * new, as a run that was asked for before it is found interrupted or done.
 */
export class IdempotencyKeys {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `work` once for each key of a caller; failures are not kept, so that one may try again. */
  async once<T>(
    key: { readonly caller: string; readonly route: string; readonly key: string },
    asked: unknown,
    work: () => Promise<T>,
  ): Promise<T> {
    if (key.key === '' || key.key.length > 200)
      throw new ColdframeError('invalid-input', 'An Idempotency-Key has 1 to 200 characters.');
    this.#dropOld();
    const name = JSON.stringify([key.caller, key.route, key.key]);
    const digest = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      if (kept.digest !== digest)
        throw new ColdframeError(
          'invalid-input',
          'This Idempotency-Key was given before, with another request.',
        );
      return (await kept.result) as T;
    }
    const result = work();
    this.#kept.set(name, { digest, result, endsMs: this.#clock.now() + keepMs });
    try {
      return await result;
    } catch (error) {
      this.#kept.delete(name);
      throw error;
    }
  }

  #dropOld(): void {
    const now = this.#clock.now();
    // Oldest first, as they were put in.
    for (const [name, { endsMs }] of this.#kept) {
      if (endsMs > now && this.#kept.size < mostKept) return;
      this.#kept.delete(name);
    }
  }
}
