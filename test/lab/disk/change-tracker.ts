import { BlockMap } from './block-map.ts';

export interface ChangeId {
  readonly uuid: string;
  readonly sequence: number;
}

/**
 * Change tracking of one running disk. Epoch n holds the blocks written after position n was
 * handed out and before position n + 1.
 */
export class ChangeTracker {
  readonly uuid: string;
  readonly #grainBytes: number;
  readonly #epochs: BlockMap[];
  #misses = false;

  constructor(uuid: string, grainBytes: number) {
    this.uuid = uuid;
    this.#grainBytes = grainBytes;
    this.#epochs = [new BlockMap(grainBytes), new BlockMap(grainBytes)];
  }

  /** Position of the running disk; sequences begin at 1. */
  get current(): ChangeId {
    return { uuid: this.uuid, sequence: this.#epochs.length - 1 };
  }

  noteWrite(offset: number, length: number): void {
    if (!this.#misses) this.#epochs.at(-1)!.addRange(offset, length);
  }

  /** From now on writes go unnoticed, as on a host with a fault. */
  missWrites(): void {
    this.#misses = true;
  }

  /** Begins a new epoch and returns its position: what a snapshot taken now shows. */
  advance(): ChangeId {
    this.#epochs.push(new BlockMap(this.#grainBytes));
    return this.current;
  }

  /** Blocks written between two positions; undefined when `from` was never handed out before `to`. */
  changedBetween(from: number, to: number): BlockMap | undefined {
    if (from < 1 || from > to || to >= this.#epochs.length + 1) return undefined;
    const changed = new BlockMap(this.#grainBytes);
    for (const epoch of this.#epochs.slice(from, to)) changed.addAll(epoch);
    return changed;
  }
}

export function formatChangeId(id: ChangeId): string {
  return `${id.uuid}/${id.sequence}`;
}

/** Undefined when the text is no changeId at all. */
export function parseChangeId(text: string): ChangeId | undefined {
  const match = /^([0-9a-f]{2}(?:[ -][0-9a-f]{2}){15})\/(\d+)$/.exec(text);
  return match === null ? undefined : { uuid: match[1]!, sequence: Number(match[2]) };
}
