/** Bytes of one piece row; layout in native/pipeline/piece.h. */
export const pieceRowBytes = 80;

/** Part of one chunk of one archive that goes to one place of the disk. Bytes throughout. */
export interface Piece {
  /** Index into the write stream's `archives`. */
  readonly archive: number;
  /** Where the stored bytes lie in the archive: a zstd frame, or the plain bytes. */
  readonly fileOffset: number;
  readonly storedLength: number;
  readonly isFrame: boolean;
  /** Length of the decoded frame; of plain bytes, their length. */
  readonly decodedLength: number;
  /** The chunk inside the decoded bytes. */
  readonly chunkOffset: number;
  readonly chunkLength: number;
  /** The piece inside the chunk. */
  readonly pieceOffset: number;
  readonly pieceLength: number;
  readonly diskOffset: number;
  /** 32 bytes over the whole chunk. */
  readonly digest: Uint8Array;
  /** The chunk table says that the chunk is all zero: the archive is not read. */
  readonly zeros: boolean;
  /** The target reads as zero already: a piece of zeros is not written. */
  readonly skipZero: boolean;
}

/**
 * A growing table of pieces. Pieces of one batch that share a frame are decoded once and pieces that
 * share a chunk are digested once, in whatever order they were added; pieces must not overlap on the disk.
 */
export class PieceBatch {
  #bytes: Buffer;
  #count = 0;

  constructor(capacity = 1024) {
    this.#bytes = Buffer.alloc(capacity * pieceRowBytes);
  }

  get count(): number {
    return this.#count;
  }

  /** The rows so far; a view. */
  rows(): Uint8Array {
    return this.#bytes.subarray(0, this.#count * pieceRowBytes);
  }

  add(piece: Piece): void {
    if ((this.#count + 1) * pieceRowBytes > this.#bytes.length) this.#grow();
    const row = this.#count++ * pieceRowBytes;
    const bytes = this.#bytes;
    writeUint64(bytes, row, piece.fileOffset);
    bytes.writeUInt32LE(piece.storedLength, row + 8);
    bytes.writeUInt32LE(piece.decodedLength, row + 12);
    bytes.writeUInt32LE(piece.chunkOffset, row + 16);
    bytes.writeUInt32LE(piece.chunkLength, row + 20);
    bytes.writeUInt32LE(piece.pieceOffset, row + 24);
    bytes.writeUInt32LE(piece.pieceLength, row + 28);
    writeUint64(bytes, row + 32, piece.diskOffset);
    bytes.writeUInt32LE(piece.archive, row + 40);
    const flags = (piece.isFrame ? 1 : 0) | (piece.zeros ? 2 : 0) | (piece.skipZero ? 4 : 0);
    bytes.writeUInt32LE(flags, row + 44);
    bytes.set(piece.digest, row + 48);
  }

  #grow(): void {
    const bytes = Buffer.alloc(this.#bytes.length * 2);
    this.#bytes.copy(bytes);
    this.#bytes = bytes;
  }
}

function writeUint64(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value % 0x1_0000_0000, at);
  bytes.writeUInt32LE(Math.floor(value / 0x1_0000_0000), at + 4);
}
