import type { Clock } from '#core/clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Runs as real time does, and can be pushed on: whoever sleeps past the new time wakes. */
export class RunningClock implements Clock {
  readonly #sleepers = new Set<Sleeper>();
  #aheadMs: number;

  constructor(startMs: number) {
    this.#aheadMs = startMs - Date.now();
  }

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        this.#sleepers.delete(sleeper);
      };
      const wake = (): void => {
        done();
        resolve();
      };
      const stop = (): void => {
        done();
        reject(signal!.reason as Error);
      };
      const timer = setTimeout(wake, ms);
      const sleeper = { atMs: this.now() + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  pushTo(epochMs: number): void {
    this.#aheadMs += Math.max(0, epochMs - this.now());
    for (const { atMs, wake } of this.#sleepers) if (atMs <= this.now()) wake();
  }
}
