import type { DiskReader } from './disk-reader.ts';
import type { SyntheticChunk } from './synthetic-chunks.ts';

/** How the bytes of one slot of a synthetic full are come by. */
export type SlotPlan = CopiedSlot | RebuiltSlot;

interface PlannedSlot {
  readonly chunks: readonly SyntheticChunk[];
  /** Of disk data. */
  readonly bytes: number;
}

/** Stored bytes of one archive as they are: a whole frame, or a run of a plain archive. */
export interface CopiedSlot extends PlannedSlot {
  readonly kind: 'copied';
  readonly layer: number;
  readonly fileOffset: number;
  readonly storedLength: number;
  readonly isFrame: boolean;
  readonly allZero: boolean;
}

/** Read, checked and put together anew. */
export interface RebuiltSlot extends PlannedSlot {
  readonly kind: 'rebuilt';
}

export interface SlotPlanOptions {
  readonly layers: readonly Pick<DiskReader, 'table' | 'locate'>[];
  /** Whether the new archive is compressed: only then can frames be copied, and else plain runs. */
  readonly framed: boolean;
  /** Most bytes of a rebuilt slot and of a plain run; no less than a chunk. */
  readonly slotBytes: number;
}

interface Place {
  readonly layer: number;
  readonly fileOffset: number;
  readonly storedLength: number;
  readonly decodedLength: number;
  readonly offsetInDecoded: number;
  readonly zero: boolean;
}

/**
 * Packs chunks into slots. A frame is copied when every chunk in it is still whole and in its
 * place; one that newer archives have cut into is decoded, and what is left of it rebuilt.
 */
export function* planSlots(
  chunks: Iterable<SyntheticChunk>,
  options: SlotPlanOptions,
): Generator<SlotPlan> {
  const torn = new RebuiltChunks(options.slotBytes);
  let run: Run | undefined;
  for (const chunk of chunks) {
    const place = placeOf(chunk, options);
    if (run !== undefined && (place === undefined || !run.takes(place))) {
      if (run.isWhole) yield* finish(torn, run);
      else torn.add(run.chunks);
      run = undefined;
    }
    if (place === undefined || (run === undefined && place.offsetInDecoded !== 0)) {
      torn.add([chunk]);
      yield* torn.takeFull();
      continue;
    }
    run ??= new Run(place, options);
    run.add(chunk, place);
    if (run.isFull) {
      yield* finish(torn, run);
      run = undefined;
    }
  }
  if (run?.isWhole === true) yield* finish(torn, run);
  else if (run !== undefined) torn.add(run.chunks);
  yield* torn.takeAll();
}

function* finish(torn: RebuiltChunks, run: Run): Generator<SlotPlan> {
  yield* torn.takeAll();
  yield run.plan();
}

/** Where a chunk is stored that one archive holds just like this; undefined when it must be rebuilt. */
function placeOf(
  { length, parts }: SyntheticChunk,
  { layers, framed }: SlotPlanOptions,
): Place | undefined {
  const [part] = parts;
  if (part === undefined || parts.length !== 1 || part.start !== 0) return undefined;
  const { table, locate } = layers[part.layer]!;
  if (table.length(part.chunk) !== length) return undefined;
  const stored = locate(part.chunk);
  return stored.isFrame === framed ? { ...stored, layer: part.layer, zero: part.zero } : undefined;
}

/** Chunks that lie one after the other in one archive. */
class Run {
  readonly chunks: SyntheticChunk[] = [];
  readonly #first: Place;
  readonly #options: SlotPlanOptions;
  #bytes = 0;
  #allZero = true;

  constructor(first: Place, options: SlotPlanOptions) {
    this.#first = first;
    this.#options = options;
  }

  takes(place: Place): boolean {
    const { layer, fileOffset, zero } = this.#first;
    if (place.layer !== layer) return false;
    if (this.#options.framed)
      return place.fileOffset === fileOffset && place.offsetInDecoded === this.#bytes;
    // Zeros become holes, so that they are kept apart from data.
    return place.fileOffset === fileOffset + this.#bytes && place.zero === zero;
  }

  add(chunk: SyntheticChunk, { zero }: Place): void {
    this.chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#allZero &&= zero;
  }

  get isWhole(): boolean {
    return !this.#options.framed || this.#bytes === this.#first.decodedLength;
  }

  get isFull(): boolean {
    return this.#options.framed ? this.isWhole : this.#bytes >= this.#options.slotBytes;
  }

  plan(): CopiedSlot {
    const { layer, fileOffset, storedLength } = this.#first;
    const { framed } = this.#options;
    return {
      kind: 'copied',
      chunks: this.chunks,
      bytes: this.#bytes,
      layer,
      fileOffset,
      storedLength: framed ? storedLength : this.#bytes,
      isFrame: framed,
      allZero: this.#allZero,
    };
  }
}

/** Chunks that wait for their slot. */
class RebuiltChunks {
  readonly #slotBytes: number;
  #chunks: SyntheticChunk[] = [];
  #bytes = 0;
  readonly #full: RebuiltSlot[] = [];

  constructor(slotBytes: number) {
    this.#slotBytes = slotBytes;
  }

  add(chunks: readonly SyntheticChunk[]): void {
    for (const chunk of chunks) {
      if (this.#bytes + chunk.length > this.#slotBytes) this.#close();
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
    }
  }

  *takeFull(): Generator<RebuiltSlot> {
    yield* this.#full.splice(0);
  }

  *takeAll(): Generator<RebuiltSlot> {
    this.#close();
    yield* this.takeFull();
  }

  #close(): void {
    if (this.#chunks.length > 0)
      this.#full.push({ kind: 'rebuilt', chunks: this.#chunks, bytes: this.#bytes });
    this.#chunks = [];
    this.#bytes = 0;
  }
}
