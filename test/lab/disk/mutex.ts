/** Runs one piece of work after another, in the order of asking. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();

  async run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#tail.then(work);
    this.#tail = mine.catch(() => undefined);
    return await mine;
  }
}
