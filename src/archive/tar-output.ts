import type { ArchiveSlot } from './ports.ts';

/** Turns the tar stream's buffers into the bytes of the file. */
export interface TarOutput {
  /** Bytes of the file so far. */
  readonly fileBytes: number;
  /**
   * Hands the buffers to the sink before it returns, so that calls need not wait for each other;
   * resolves when they have been written and slots among them may be released.
   */
  write(buffers: readonly Uint8Array[]): Promise<void>;
  /** Writes what comes after the tar stream. */
  finish(): Promise<void>;
}

/** Tells a slot's buffer from all others. */
export type FindSlot = (buffer: Uint8Array) => ArchiveSlot | undefined;
