import { dataAlignment } from './layout.ts';
import type { ByteSink } from './ports.ts';
import type { FindSlot, TarOutput } from './tar-output.ts';

/** An uncompressed archive: the tar stream as it is, with zero slots left as holes. */
export class PlainOutput implements TarOutput {
  readonly #sink: ByteSink;
  readonly #findSlot: FindSlot;
  #fileBytes = 0;

  constructor(sink: ByteSink, findSlot: FindSlot) {
    this.#sink = sink;
    this.#findSlot = findSlot;
  }

  get fileBytes(): number {
    return this.#fileBytes;
  }

  async write(buffers: readonly Uint8Array[]): Promise<void> {
    const writes: Promise<void>[] = [];
    let run: Uint8Array[] = [];
    const flush = (): void => {
      if (run.length > 0) writes.push(this.#sink.writev(run));
      run = [];
    };
    for (const buffer of buffers) {
      if (buffer.length === 0) continue;
      if (this.#isHole(buffer)) {
        flush();
        writes.push(this.#sink.hole(buffer.length));
      } else run.push(buffer);
      this.#fileBytes += buffer.length;
    }
    flush();
    await Promise.all(writes);
  }

  async finish(): Promise<void> {}

  /** Only whole file-system blocks: anything smaller would be written as zeros anyway. */
  #isHole(buffer: Uint8Array): boolean {
    if (this.#fileBytes % dataAlignment !== 0 || buffer.length % dataAlignment !== 0) return false;
    return this.#findSlot(buffer)?.allZero === true;
  }
}
