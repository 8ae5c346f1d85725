/** A run of bytes; without `data` they are all zero. */
export interface BlockRun {
  readonly length: number;
  readonly data?: Buffer;
}

/** `unmapped` bytes read as zeros too, but nobody ever wrote them. */
export interface BlockState {
  readonly length: number;
  readonly kind: 'data' | 'zero' | 'unmapped';
}

/** What an export serves. Ranges that are asked for lie inside `capacityBytes`. */
export interface BlockSource {
  readonly capacityBytes: number;
  /** Runs that add up to `length`. */
  read(offset: number, length: number): Promise<readonly BlockRun[]>;
  /** At least one run, at most `most`, from `offset` on and not beyond the range. */
  states(
    range: { readonly offset: number; readonly length: number },
    most: number,
  ): readonly BlockState[];
}

export interface NbdExport {
  readonly name: string;
  /** For people. */
  readonly description: string;
  readonly source: BlockSource;
}
