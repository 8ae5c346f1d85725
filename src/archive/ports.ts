/**
 * What the archive room is given from outside. The mover passes native
 * implementations; tests and tools may pass others.
 */

/** BLAKE3-256. */
export interface Digester {
  digest(data: Uint8Array): Buffer;
  /** For data that come in pieces. */
  create(): Hasher;
}

export interface Hasher {
  update(data: Uint8Array): void;
  digest(): Buffer;
}

/** Independent zstd frames. */
export interface FrameDecoder {
  /** Throws when the frame is damaged or does not decode to exactly `size` bytes. */
  decompress(frame: Uint8Array, size: number): Buffer;
  /** The same on another thread, for readers that have many frames to decode; default `decompress`. */
  decompressAside?(frame: Uint8Array, size: number): Promise<Buffer>;
}

export interface FrameCodec extends FrameDecoder {
  /** A frame with content size and content checksum. */
  compress(data: Uint8Array): Buffer;
}

/**
 * The file that an archive is written to, front to back. Calls may be issued without waiting;
 * they take effect in order.
 */
export interface ByteSink {
  /** Resolves when the buffers may be used again. */
  writev(buffers: readonly Uint8Array[]): Promise<void>;
  /** Leaves `bytes` that read as zero. */
  hole(bytes: number): Promise<void>;
  /** Everything written so far is on stable storage. */
  sync(): Promise<void>;
}

/** Some whole chunks of a disk, back to back; see `Slot` of the disk worker. */
export interface ArchiveSlot {
  readonly data: Buffer;
  /** The zstd frame of `data`; the writer makes one where it is missing and needed. */
  readonly frame?: Buffer | undefined;
  /** Rows of the chunk table. */
  readonly chunks: Buffer;
  readonly allZero: boolean;
  release(): void;
}
