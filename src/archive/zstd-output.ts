import type { ByteSpool } from './byte-spool.ts';
import { sharedFrameBytes } from './layout.ts';
import type { ByteSink, FrameCodec } from './ports.ts';
import { seekEntry, seekTableEnds } from './seek-table.ts';
import type { FindSlot, TarOutput } from './tar-output.ts';

export interface ZstdOutputOptions {
  readonly sink: ByteSink;
  readonly codec: FrameCodec;
  readonly findSlot: FindSlot;
  /** Collects the seek table. */
  readonly entries: ByteSpool;
}

/**
 * A compressed archive: one frame a slot of disk data, everything else gathered into shared
 * frames, and the seek table at the end.
 */
export class ZstdOutput implements TarOutput {
  readonly #options: ZstdOutputOptions;
  /** Frames that are complete and not yet handed to the sink. */
  #frames: Uint8Array[] = [];
  /** The next shared frame's bytes; used again and again, since compressing is synchronous. */
  readonly #shared = Buffer.allocUnsafeSlow(sharedFrameBytes);
  #sharedBytes = 0;
  #fileBytes = 0;

  constructor(options: ZstdOutputOptions) {
    this.#options = options;
  }

  get fileBytes(): number {
    return this.#fileBytes;
  }

  async write(buffers: readonly Uint8Array[]): Promise<void> {
    for (const buffer of buffers) {
      const slot = this.#options.findSlot(buffer);
      if (slot === undefined) this.#gather(buffer);
      else {
        this.#closeShared();
        this.#add(slot.frame ?? this.#options.codec.compress(buffer), buffer.length);
      }
    }
    await this.#flush();
  }

  async finish(): Promise<void> {
    this.#closeShared();
    await this.#flush();
    const { entries, sink } = this.#options;
    const { head, foot } = seekTableEnds(entries.length);
    await sink.writev([head]);
    for (const piece of entries.read()) await sink.writev([piece]);
    await sink.writev([foot]);
    this.#fileBytes += head.length + entries.length + foot.length;
  }

  #gather(buffer: Uint8Array): void {
    for (let at = 0; at < buffer.length;) {
      const part = buffer.subarray(at, at + sharedFrameBytes - this.#sharedBytes);
      this.#shared.set(part, this.#sharedBytes);
      this.#sharedBytes += part.length;
      at += part.length;
      if (this.#sharedBytes === sharedFrameBytes) this.#closeShared();
    }
  }

  #closeShared(): void {
    if (this.#sharedBytes === 0) return;
    const data = this.#shared.subarray(0, this.#sharedBytes);
    this.#sharedBytes = 0;
    this.#add(this.#options.codec.compress(data), data.length);
  }

  #add(frame: Uint8Array, decodedBytes: number): void {
    this.#frames.push(frame);
    this.#fileBytes += frame.length;
    this.#options.entries.append(seekEntry(frame.length, decodedBytes));
  }

  async #flush(): Promise<void> {
    if (this.#frames.length === 0) return;
    const frames = this.#frames;
    this.#frames = [];
    await this.#options.sink.writev(frames);
  }
}
