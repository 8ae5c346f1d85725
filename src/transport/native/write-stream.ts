import type { PieceBatch } from './piece-batch.ts';

/** Where the bytes come from. */
export interface WriteStreamOptions {
  /** Open descriptors of the chain's archives; the caller keeps them open and closes them. */
  readonly archives: readonly number[];
  /** Most decoded bytes of one frame or plain run. Default 1 MiB. */
  readonly slotBytes?: number;
  /** Slots at once, 4 to 32. Default 16. */
  readonly depth?: number;
  /** 'fail' (default): the first damage ends the stream. 'collect': go on and list all damage; for verify. */
  readonly onDamage?: 'fail' | 'collect';
  readonly signal?: AbortSignal;
}

/** One damaged piece of an archive. */
export interface PieceDamage {
  readonly archive: number;
  readonly fileOffset: number;
  readonly diskOffset: number;
  readonly length: number;
  /** Digest differs; frame does not decode; file cannot be read or ends too early. */
  readonly kind: 'digest' | 'frame' | 'read';
  readonly text: string;
}

export interface WriteTotals {
  /** Bytes of chunks whose digest was compared. */
  readonly checkedBytes: number;
  readonly writtenBytes: number;
  /** Bytes that were not written because they are zero and the target is. */
  readonly zeroBytes: number;
  /** The first ten thousand of `damagedPieces`. */
  readonly damage: readonly PieceDamage[];
  readonly damagedPieces: number;
}

/**
 * Reads pieces from archives, decodes, checks the digests and writes them to a disk, or only checks.
 * Errors: 'digest-mismatch', 'archive-damaged' (details: archive, fileOffset), 'io', 'disk', 'process-died', 'cancelled'.
 */
export interface WriteStream extends AsyncDisposable {
  /** Resolves when there is room for another batch. The batch may be dropped at once; its rows are copied. */
  push(batch: PieceBatch): Promise<void>;
  /** Waits for everything and flushes the disk. */
  finish(): Promise<WriteTotals>;
}
