import type { DiskReader } from './disk-reader.ts';

/** Decoded and checked chunks, those used last; one for all disks and readers of a process. */
export class ChunkCache {
  readonly #limitBytes: number;
  readonly #kept = new Map<string, Kept>();
  readonly #names = new WeakMap<DiskReader, number>();
  #nextName = 0;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** A chunk's bytes, read once for all who ask meanwhile; see `DiskReader.readChunk`. */
  chunk(disk: DiskReader, index: number): Promise<Buffer> {
    const key = `${this.#nameOf(disk)}/${index}`;
    const found = this.#kept.get(key);
    if (found !== undefined) {
      // Last in the map's order is last to go.
      this.#kept.delete(key);
      this.#kept.set(key, found);
      return found.data;
    }
    const kept = { bytes: disk.table.length(index), data: disk.readChunk(index).then(compact) };
    this.#kept.set(key, kept);
    this.#bytes += kept.bytes;
    kept.data.catch(() => this.#drop(key, kept));
    for (const [oldKey, old] of this.#kept) {
      if (this.#bytes <= this.#limitBytes || oldKey === key) break;
      this.#drop(oldKey, old);
    }
    return kept.data;
  }

  #nameOf(disk: DiskReader): number {
    const known = this.#names.get(disk);
    if (known !== undefined) return known;
    this.#names.set(disk, this.#nextName);
    return this.#nextName++;
  }

  #drop(key: string, kept: Kept): void {
    if (this.#kept.get(key) !== kept) return;
    this.#kept.delete(key);
    this.#bytes -= kept.bytes;
  }
}

interface Kept {
  readonly bytes: number;
  readonly data: Promise<Buffer>;
}

/** A small chunk is a view of a large frame and would keep all of it in memory. */
function compact(chunk: Buffer): Buffer {
  return chunk.buffer.byteLength > 2 * chunk.length ? Buffer.from(chunk) : chunk;
}
