import type { ArchiveSlot } from './ports.ts';

/**
 * The slots that the writer holds, by the buffer under which they travel through tar-stream
 * (which passes buffers on by reference). Every slot is released exactly once: when its bytes
 * have been written, or when the archive is given up.
 */
export class SlotLedger {
  readonly #slots = new Map<Uint8Array, ArchiveSlot>();

  hold(slot: ArchiveSlot): void {
    this.#slots.set(slot.data, slot);
  }

  find(buffer: Uint8Array): ArchiveSlot | undefined {
    return this.#slots.get(buffer);
  }

  release(slots: readonly ArchiveSlot[]): void {
    for (const slot of slots) if (this.#slots.delete(slot.data)) slot.release();
  }

  releaseAll(): void {
    this.release([...this.#slots.values()]);
  }
}
