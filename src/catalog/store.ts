import type { Level } from 'level';

/** Part of one atomic write; `value` undefined deletes the key. */
export interface Change {
  readonly table: string;
  readonly key: string;
  readonly value: unknown;
}

type Sublevel = ReturnType<typeof Level.prototype.sublevel<string, string>>;

/**
 * The database with its one queue of writes. LevelDB runs overlapping writes on several
 * threads and promises no order among them, so ours go one after another; those that wait
 * meanwhile share the next batch and its single sync.
 */
export class Store implements AsyncDisposable {
  readonly #level: Level;
  readonly #sublevels = new Map<string, Sublevel>();
  #waiting: Change[] = [];
  #next: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(level: Level) {
    this.#level = level;
  }

  /** One object a table: the database keeps every sublevel it ever made until it closes. */
  sublevel(table: string): Sublevel {
    let sublevel = this.#sublevels.get(table);
    if (sublevel === undefined) {
      sublevel = this.#level.sublevel(table);
      this.#sublevels.set(table, sublevel);
    }
    return sublevel;
  }

  /** All changes or none, in the order of the calls, on disk before it resolves. */
  write(changes: readonly Change[]): Promise<void> {
    this.#waiting.push(...changes);
    this.#next ??= this.#flushAfter(this.#running);
    return this.#next;
  }

  async #flushAfter(previous: Promise<void>): Promise<void> {
    // The writers of the previous batch hear of its failure; this batch is not theirs.
    await previous.catch(() => undefined);
    const changes = this.#waiting;
    this.#waiting = [];
    this.#running = this.#writeNow(changes);
    this.#next = undefined;
    await this.#running;
  }

  async #writeNow(changes: readonly Change[]): Promise<void> {
    const operations = changes.map(({ table, key, value }) => {
      const sublevel = this.sublevel(table);
      return value === undefined
        ? { type: 'del' as const, sublevel, key }
        : { type: 'put' as const, sublevel, key, value: JSON.stringify(value) };
    });
    if (operations.length > 0) await this.#level.batch(operations, { sync: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#next?.catch(() => undefined);
    await this.#running.catch(() => undefined);
    await this.#level.close();
  }
}
