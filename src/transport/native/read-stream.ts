/** What to read from a disk, and how. */
export interface ReadStreamOptions {
  /** Pairs [offset, length, ...] in bytes: sorted, not overlapping, multiples of 512. */
  readonly extents: Float64Array;
  /** Side of the grid that extents are cut by; a multiple of 4096. Default 1 MiB. */
  readonly chunkBytes?: number;
  /** Most bytes of a slot, at least `chunkBytes`. Default 1 MiB or `chunkBytes`. */
  readonly slotBytes?: number;
  /** Slots being read at once, 4 to 32. Default 16. */
  readonly depth?: number;
  /** zstd level; absent: no frames. */
  readonly compressLevel?: number;
  readonly signal?: AbortSignal;
}
