/** Time as the rest of the code may see it. Only composition roots make the real one. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Source of identifiers; injected so that tests are repeatable. */
export interface IdSource {
  /** 16 lower-case base-32 characters (80 bits), sortable by nothing. */
  next(): string;
}
