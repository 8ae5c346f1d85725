/** How an archive file is written. */
export interface SinkOptions {
  /** 'plain': page cache. 'direct': O_DIRECT with staging; less CPU, needs a file system that has it. */
  readonly mode?: 'plain' | 'direct';
  /** Plain mode: start write-back every 16 MiB and drop what lies 64 MiB behind, so that a backup does not evict the page cache. Default true. */
  readonly rolling?: boolean;
}

/**
 * A strictly sequential file writer on a native thread. Calls may be issued without waiting;
 * they take effect in order. After the first failure every call rejects with that failure:
 * ColdframeError 'no-space' (ENOSPC, EDQUOT) or 'io'.
 */
export interface ByteSink {
  /** Bytes handed over so far, holes included. */
  readonly position: number;
  /** Resolves when the buffers have been written; until then they must not change. */
  writev(buffers: readonly Uint8Array[]): Promise<void>;
  /** Moves on by `bytes` that read as zero and take no space where the file system has holes. */
  hole(bytes: number): Promise<void>;
  /** Makes everything so far durable (fdatasync). */
  sync(): Promise<void>;
  /** Ends the file at `position` and closes it; the caller syncs before. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
