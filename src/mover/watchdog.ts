import type { Clock } from '#core/clock.ts';

/** Calls `onSilence` once when it has not been fed for `limitMs`. */
export class Watchdog implements Disposable {
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  #fedAtMs: number;

  constructor(clock: Clock, limitMs: number, onSilence: () => void) {
    this.#clock = clock;
    this.#fedAtMs = clock.now();
    void this.#watch(limitMs, onSilence); // ends with dispose; never rejects
  }

  feed(): void {
    this.#fedAtMs = this.#clock.now();
  }

  [Symbol.dispose](): void {
    this.#stopped.abort();
  }

  async #watch(limitMs: number, onSilence: () => void): Promise<void> {
    for (;;) {
      const leftMs = this.#fedAtMs + limitMs - this.#clock.now();
      if (leftMs <= 0) break;
      try {
        await this.#clock.sleep(leftMs, this.#stopped.signal);
      } catch {
        return;
      }
    }
    if (!this.#stopped.signal.aborted) onSilence();
  }
}
