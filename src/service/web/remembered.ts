import type { Clock } from '#core/clock.ts';

export interface RememberedOptions<T> {
  readonly clock: Clock;
  /** Younger than this it is given out as it is. */
  readonly maxAgeMs: number;
  /** How long a reader waits for a new value when there is an old one. */
  readonly patienceMs: number;
  readonly load: () => Promise<T>;
}

/** The last answer of something slow. Many readers cause one load; an old answer beats a long wait. */
export class Remembered<T> {
  readonly #options: RememberedOptions<T>;
  #kept: { readonly value: T; readonly atMs: number } | undefined;
  #loading: Promise<T> | undefined;

  constructor(options: RememberedOptions<T>) {
    this.#options = options;
  }

  async get(): Promise<T> {
    const { clock, maxAgeMs, patienceMs } = this.#options;
    const kept = this.#kept;
    if (kept !== undefined && clock.now() - kept.atMs < maxAgeMs) return kept.value;
    const loading = (this.#loading ??= this.#load());
    if (kept === undefined) return loading;
    const enough = new AbortController();
    const late = clock.sleep(patienceMs, enough.signal).then(
      () => kept.value,
      () => kept.value,
    );
    try {
      return await Promise.race([loading, late]);
    } finally {
      enough.abort();
    }
  }

  /** The next reader waits for a new value. */
  forget(): void {
    this.#kept = undefined;
    this.#loading = undefined;
  }

  #load(): Promise<T> {
    const loading = this.#options.load().then((value) => {
      // Forgotten meanwhile: the answer is to a question of before.
      if (this.#loading === loading) this.#kept = { value, atMs: this.#options.clock.now() };
      return value;
    });
    const over = (): void => {
      if (this.#loading === loading) this.#loading = undefined;
    };
    loading.then(over, over);
    return loading;
  }
}
