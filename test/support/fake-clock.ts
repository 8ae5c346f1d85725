import type { Clock } from '#core/clock.ts';

/** A clock that moves only when told; sleepers wake in the order of their times. */
export class FakeClock implements Clock {
  #now: number;
  #sleepers: { at: number; wake: () => void }[] = [];

  constructor(startMs: number) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const sleeper = { at: this.#now + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener(
        'abort',
        () => {
          this.#sleepers = this.#sleepers.filter((s) => s !== sleeper);
          reject(signal.reason as Error);
        },
        { once: true },
      );
    });
  }

  /** How many are asleep: a test waits for its subject to have gone to sleep. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Moves on step by step, letting each sleeper do its work before the next one wakes. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#sleepers.reduce<{ at: number; wake: () => void } | undefined>(
        (first, s) => (s.at <= end && (first === undefined || s.at < first.at) ? s : first),
        undefined,
      );
      if (next === undefined) break;
      this.#sleepers = this.#sleepers.filter((s) => s !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = end;
    await settle();
  }

  /** A jump that wakes nobody early: somebody set the machine's clock. */
  jump(ms: number): void {
    this.#now += ms;
    // Timers count elapsed time, not the time of day.
    for (const sleeper of this.#sleepers) sleeper.at += ms;
  }
}

/** Lets everything that needs no time happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}
