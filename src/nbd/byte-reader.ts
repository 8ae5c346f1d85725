import type { Socket } from 'node:net';

/** Takes exact numbers of bytes off a socket; memory is bounded by what one call asks for. */
export class ByteReader {
  readonly #socket: Socket;
  readonly #wake: () => void;
  #waiting: (() => void) | undefined;
  #ended = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#wake = () => this.#waiting?.();
    socket.on('readable', this.#wake);
    for (const event of ['end', 'close', 'error'])
      socket.on(event, () => {
        this.#ended = true;
        this.#wake();
      });
  }

  /** undefined when the stream ends before. */
  async take(length: number): Promise<Buffer | undefined> {
    if (length === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes = this.#socket.read(length) as Buffer | null;
      // At its end a stream gives what it has left.
      if (bytes !== null) return bytes.length === length ? bytes : undefined;
      if (this.#ended || this.#socket.destroyed) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = resolve;
      await promise;
      this.#waiting = undefined;
    }
  }

  /** Reads and forgets; false when the stream ends before. */
  async skip(length: number): Promise<boolean> {
    for (let left = length; left > 0;) {
      const part = await this.take(Math.min(left, 65_536));
      if (part === undefined) return false;
      left -= part.length;
    }
    return true;
  }
}
