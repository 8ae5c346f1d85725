const grainsPerPage = 32_768;

/** A set of fixed-size blocks of a disk, sparse: memory follows what was set, not the capacity. */
export class BlockMap {
  readonly grainBytes: number;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(grainBytes: number) {
    this.grainBytes = grainBytes;
  }

  /** Marks every block that [offset, offset + length) touches. */
  addRange(offset: number, length: number): void {
    const end = offset + length;
    for (let b = Math.floor(offset / this.grainBytes); b * this.grainBytes < end; b++) this.add(b);
  }

  add(block: number): void {
    const page = Math.floor(block / grainsPerPage);
    let bits = this.#pages.get(page);
    if (bits === undefined) this.#pages.set(page, (bits = new Uint8Array(grainsPerPage / 8)));
    const at = block % grainsPerPage;
    bits[at >> 3]! |= 1 << (at & 7);
  }

  has(block: number): boolean {
    const at = block % grainsPerPage;
    return (
      (((this.#pages.get(Math.floor(block / grainsPerPage))?.[at >> 3] ?? 0) >> (at & 7)) & 1) === 1
    );
  }

  addAll(other: BlockMap): void {
    for (const [page, bits] of other.#pages) {
      const own = this.#pages.get(page);
      if (own === undefined) this.#pages.set(page, Uint8Array.from(bits));
      else for (let i = 0; i < bits.length; i++) own[i]! |= bits[i]!;
    }
  }

  clear(): void {
    this.#pages.clear();
  }

  /** Byte ranges of neighbouring set blocks, ascending, within [from, to). */
  *ranges(from: number, to: number): Generator<{ offset: number; length: number }> {
    const first = Math.floor(from / this.grainBytes);
    const last = Math.ceil(to / this.grainBytes);
    let start = -1;
    let next = first;
    for (const block of this.#blocks(first, last)) {
      if (start >= 0 && block !== next) {
        yield this.#clip(start, next, { from, to });
        start = -1;
      }
      if (start < 0) start = block;
      next = block + 1;
    }
    if (start >= 0) yield this.#clip(start, next, { from, to });
  }

  *#blocks(first: number, last: number): Generator<number> {
    const pages = [...this.#pages.keys()].sort((a, b) => a - b);
    for (const page of pages) {
      const base = page * grainsPerPage;
      if (base + grainsPerPage <= first || base >= last) continue;
      const bits = this.#pages.get(page)!;
      for (let i = 0; i < bits.length; i++) {
        if (bits[i] === 0) continue;
        for (let bit = 0; bit < 8; bit++) {
          const block = base + i * 8 + bit;
          if (((bits[i]! >> bit) & 1) === 1 && block >= first && block < last) yield block;
        }
      }
    }
  }

  #clip(
    start: number,
    end: number,
    { from, to }: { from: number; to: number },
  ): { offset: number; length: number } {
    const offset = Math.max(start * this.grainBytes, from);
    return { offset, length: Math.min(end * this.grainBytes, to) - offset };
  }
}
