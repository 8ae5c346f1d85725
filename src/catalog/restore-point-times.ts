import { vmKey } from '#core/vm.ts';
import type { RestorePoint, RestorePointTime } from '#core/restore-point.ts';

import { timeOfPart } from './time-key.ts';

export type RestorePointTimes = ReadonlyMap<string, readonly RestorePointTime[]>;

/**
 * The times of all restore points, by VM: read from the index when first asked for, and kept in
 * step from then on, since pages ask for it all the time and reading a million keys takes seconds.
 */
export class TimesByVm {
  readonly #read: () => AsyncIterable<readonly string[]>;
  #reading: Promise<Map<string, readonly RestorePointTime[]>> | undefined;
  #times: Map<string, readonly RestorePointTime[]> | undefined;

  constructor(read: () => AsyncIterable<readonly string[]>) {
    this.#read = read;
  }

  async get(): Promise<RestorePointTimes> {
    while (this.#times === undefined) {
      const reading = (this.#reading ??= timesByVm(this.#read()));
      try {
        const times = await reading;
        // What was written meanwhile may be missing in it.
        if (this.#reading === reading) this.#times = times;
      } catch (error) {
        if (this.#reading === reading) this.#reading = undefined;
        throw error;
      }
    }
    return this.#times;
  }

  /** After they were written. */
  apply(gone: readonly RestorePoint[], come: readonly RestorePoint[]): void {
    this.#reading = undefined;
    const times = this.#times;
    if (times === undefined) return;
    for (const { header } of gone) {
      const key = vmKey(header.vm);
      const rest = (times.get(key) ?? []).filter(({ id }) => id !== header.id);
      if (rest.length === 0) times.delete(key);
      else times.set(key, rest);
    }
    for (const { header } of come) {
      const key = vmKey(header.vm);
      const { id, createdAtMs } = header;
      const rest = (times.get(key) ?? []).filter((each) => each.id !== id);
      const at = rest.findIndex((each) => isBefore({ id, createdAtMs }, each));
      times.set(key, rest.toSpliced(at < 0 ? rest.length : at, 0, { id, createdAtMs }));
    }
  }
}

/** Newest first; ids settle equal times, as in the index. */
function isBefore(a: RestorePointTime, b: RestorePointTime): boolean {
  return a.createdAtMs > b.createdAtMs || (a.createdAtMs === b.createdAtMs && a.id < b.id);
}

async function timesByVm(
  keys: AsyncIterable<readonly string[]>,
): Promise<Map<string, readonly RestorePointTime[]>> {
  const found = new Map<string, RestorePointTime[]>();
  let vm = '';
  let list: RestorePointTime[] = [];
  for await (const some of keys)
    for (const key of some) {
      const idAt = key.lastIndexOf('/') + 1;
      const timeAt = key.lastIndexOf('/', idAt - 2) + 1;
      // Keys of one VM follow each other.
      if (timeAt !== vm.length + 1 || !key.startsWith(vm)) {
        vm = key.slice(0, timeAt - 1);
        found.set(vm, (list = []));
      }
      const id = decodeURIComponent(key.slice(idAt));
      list.push({ id, createdAtMs: timeOfPart(key.slice(timeAt, idAt - 1)) });
    }
  return found;
}
