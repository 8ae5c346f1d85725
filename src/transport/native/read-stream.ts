import { addon } from './addon.ts';
import type { NativeLink, NativeReadStream, NativeSlots } from './addon.ts';
import { fromNative, rethrowNative, throwIfAborted } from './native-failure.ts';
import type { Slot, SlotBatch } from './slot.ts';
import { Wake } from './wake.ts';

/** What to read from a disk, and how. */
export interface ReadStreamOptions {
  /** Pairs [offset, length, ...] in bytes: sorted, not overlapping, multiples of 512. */
  readonly extents: Float64Array;
  /** Side of the grid that extents are cut by; a multiple of 4096. Default 1 MiB. */
  readonly chunkBytes?: number;
  /** Most bytes of a slot, at least `chunkBytes`. Default 1 MiB or `chunkBytes`. */
  readonly slotBytes?: number;
  /** Most slots being read at once, 4 to 32; how many follows the source. Default 32. */
  readonly depth?: number;
  /** zstd level; absent: no frames. */
  readonly compressLevel?: number;
  readonly signal?: AbortSignal;
}

const mebibyte = 1024 * 1024;
const batchSlots = 64;
const rowNumbers = 6;

/**
 * Slots of `disk` in order. Leaving the loop early stops the reading; slots that are still held stay
 * valid until released. Errors: 'disk' (details: the native error), 'process-died', 'cancelled'.
 */
export async function* readSlots(
  link: NativeLink,
  disk: number,
  options: ReadStreamOptions,
): AsyncGenerator<SlotBatch> {
  const { signal } = options;
  throwIfAborted(signal);
  const wake = new Wake();
  const native = openStream(link, disk, options, wake);
  const lease = new Lease(native);
  signal?.addEventListener('abort', wake.notify);
  try {
    for (;;) {
      throwIfAborted(signal);
      const taken = native.take(batchSlots);
      if (taken === 'end') return;
      if (taken === null) await wake.wait();
      else if ('rows' in taken) yield { slots: lease.slotsOf(taken) };
      else throw fromNative(taken, 'disk');
    }
  } finally {
    signal?.removeEventListener('abort', wake.notify);
    lease.end();
  }
}

function openStream(
  link: NativeLink,
  disk: number,
  options: ReadStreamOptions,
  wake: Wake,
): NativeReadStream {
  const chunkBytes = options.chunkBytes ?? mebibyte;
  const shape = {
    disk,
    extents: options.extents,
    chunkBytes,
    slotBytes: options.slotBytes ?? Math.max(mebibyte, chunkBytes),
    depth: options.depth ?? 32,
    compressLevel: options.compressLevel,
  };
  try {
    return new addon.ReadStream(link, shape, wake.notify);
  } catch (error) {
    return rethrowNative(error, 'disk');
  }
}

/** Counts held slots, so that the memory goes back when the last is released. */
class Lease {
  readonly #native: NativeReadStream;
  readonly #area: Buffer;
  #held = 0;
  #ended = false;

  constructor(native: NativeReadStream) {
    this.#native = native;
    this.#area = native.area();
  }

  slotsOf(taken: NativeSlots): Slot[] {
    const slots: Slot[] = [];
    for (let i = 0; i * rowNumbers < taken.rows.length; i++) slots.push(this.#slot(taken, i));
    return slots;
  }

  end(): void {
    this.#ended = true;
    this.#native.abort();
    this.#closeWhenFree();
  }

  #slot(taken: NativeSlots, i: number): Slot {
    const row = taken.rows.subarray(i * rowNumbers, (i + 1) * rowNumbers);
    const [index, dataStart, dataLength, frameStart, frameLength, zero] = row as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    let held = true;
    this.#held++;
    return {
      data: this.#area.subarray(dataStart, dataStart + dataLength),
      frame:
        frameLength < 0 ? undefined : this.#area.subarray(frameStart, frameStart + frameLength),
      chunks: taken.chunks.subarray(taken.chunkStarts[i], taken.chunkStarts[i + 1]),
      allZero: zero === 1,
      release: () => {
        if (!held) return;
        held = false;
        this.#held--;
        this.#native.release(index);
        this.#closeWhenFree();
      },
    };
  }

  #closeWhenFree(): void {
    if (this.#ended && this.#held === 0) this.#native.close();
  }
}
