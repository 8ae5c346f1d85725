import type { ColdframeError } from '#core/error.ts';

import { addon } from './addon.ts';
import type { Fields, NativeLink, NativeReply, ReplyFields } from './addon.ts';
import { cancelled, fromNative, throwIfAborted } from './native-failure.ts';

interface Waiting {
  readonly resolve: (fields: ReplyFields) => void;
  readonly reject: (error: ColdframeError) => void;
}

/** Orders to a worker that wait for their replies. */
export class OrderBook {
  readonly link: NativeLink;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onClosed: () => void;
  #nextTag = 1;
  #death: ColdframeError | undefined;

  /** `onClosed`: the worker has closed its end; `fail()` is expected to follow. */
  constructor(onClosed: () => void) {
    this.#onClosed = onClosed;
    this.link = new addon.Link((replies, closed) => this.#deliver(replies, closed));
  }

  /** An abort stops the waiting, not the worker: it is busy until it answers, and its answer is dropped. */
  async send(name: string, fields: Fields = {}, signal?: AbortSignal): Promise<ReplyFields> {
    throwIfAborted(signal);
    if (this.#death !== undefined) throw this.#death;
    const tag = this.#nextTag++;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(tag);
        reject(cancelled(signal!));
      };
      const settled = (): void => signal?.removeEventListener('abort', onAbort);
      this.#waiting.set(tag, {
        resolve: (reply) => {
          settled();
          resolve(reply);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      this.link.order(tag, name, fields);
    });
  }

  /** All that wait, and all that come later, reject with this. */
  fail(death: ColdframeError): void {
    this.#death ??= death;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(death);
  }

  #deliver(replies: readonly NativeReply[], closed: boolean): void {
    for (const { tag, fields, error } of replies) {
      const waiting = this.#waiting.get(tag);
      this.#waiting.delete(tag);
      if (error === undefined) waiting?.resolve(fields ?? {});
      else waiting?.reject(fromNative(error, 'disk'));
    }
    if (closed) this.#onClosed();
  }
}
