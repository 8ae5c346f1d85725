import type { BlockRun, BlockSource, BlockState } from '#nbd/block-source.ts';

const grain = 4096;

/** A disk in memory; grains that are all zero are told as such. */
export class MemorySource implements BlockSource {
  readonly capacityBytes: number;
  readonly #data: Buffer;

  constructor(data: Buffer) {
    this.#data = data;
    this.capacityBytes = data.length;
  }

  read(offset: number, length: number): Promise<readonly BlockRun[]> {
    const runs: BlockRun[] = [];
    for (let at = offset; at < offset + length;) {
      const end = Math.min((Math.floor(at / grain) + 1) * grain, offset + length);
      const data = this.#data.subarray(at, end);
      runs.push(
        data.every((byte) => byte === 0) ? { length: end - at } : { length: end - at, data },
      );
      at = end;
    }
    return Promise.resolve(runs);
  }

  states(
    { offset, length }: { readonly offset: number; readonly length: number },
    most: number,
  ): readonly BlockState[] {
    const states: { length: number; kind: BlockState['kind'] }[] = [];
    for (let at = offset; at < offset + length;) {
      const end = Math.min((Math.floor(at / grain) + 1) * grain, offset + length);
      const isZero = this.#data.subarray(at, end).every((byte) => byte === 0);
      const kind = isZero ? 'zero' : 'data';
      const last = states.at(-1);
      if (last?.kind === kind) last.length += end - at;
      else if (states.length === most) break;
      else states.push({ length: end - at, kind });
      at = end;
    }
    return states;
  }
}
