/** Bytes of one row of `Slot.chunks`: offset u64, length u32 with bit 31 = all zero, 32-byte BLAKE3 digest. */
export const chunkRowBytes = 44;
/** Bit 31 of a chunk row's length field. */
export const chunkZeroFlag = 0x8000_0000;

/** One or more whole chunks of a disk, packed in disk order. */
export interface Slot {
  /** The chunks' bytes, back to back; a view of shared memory, valid until `release()`. */
  readonly data: Buffer;
  /** One zstd frame that decodes to `data`, where compression was asked for; valid until `release()`. */
  readonly frame: Buffer | undefined;
  /** `chunkRowBytes` a chunk, little-endian. A copy of its own: stays valid. */
  readonly chunks: Buffer;
  /** Every byte of `data` is zero. */
  readonly allZero: boolean;
  /** Gives the memory back. Slots are the only back-pressure: a reader whose slots are held stands still. Later calls do nothing. */
  release(): void;
}

/** Slots in disk order, at most 64. Never wait for another batch while holding all slots of this one. */
export interface SlotBatch {
  readonly slots: readonly Slot[];
}
