/** Joins the addon's wakes with a waiting coroutine: a wake that comes early is kept. */
export class Wake {
  #woken = false;
  #resolve: (() => void) | undefined;

  readonly notify = (): void => {
    this.#woken = true;
    this.#resolve?.();
  };

  /** Resolves at the next wake since the last wait. */
  async wait(): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
      this.#resolve = undefined;
    }
    this.#woken = false;
  }
}
