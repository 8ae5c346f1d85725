import type { ArchiveFile } from './archive-file.ts';
import { chunkRow } from './chunk-table.ts';
import type { DiskReader } from './disk-reader.ts';
import { maxFrameBytes } from './layout.ts';
import { isZero } from './member-header.ts';
import type { ArchiveSlot, Digester } from './ports.ts';
import type { SyntheticChunk } from './synthetic-chunks.ts';
import type { CopiedSlot, RebuiltSlot, SlotPlan } from './synthetic-slots.ts';

/** Stored bytes that are read at once where slots follow each other in a file. */
const readBytes = 8 * 1024 * 1024;

export interface SlotSource {
  readonly layers: readonly { readonly disk: DiskReader; readonly file: ArchiveFile }[];
  readonly digester: Digester;
}

/** Brings the bytes of planned slots, in order; what is rebuilt has its digests checked. */
export async function* readSlots(
  plans: Iterable<SlotPlan>,
  source: SlotSource,
): AsyncGenerator<readonly ArchiveSlot[]> {
  let run: CopiedSlot[] = [];
  for (const plan of plans) {
    if (run.length > 0 && !continues(run, plan)) {
      yield await copySlots(run, source);
      run = [];
    }
    if (plan.kind === 'rebuilt') yield [await rebuildSlot(plan, source)];
    else if (plan.allZero && !plan.isFrame) yield [zeroSlot(plan, source)];
    else run.push(plan);
  }
  if (run.length > 0) yield await copySlots(run, source);
}

function continues(run: readonly CopiedSlot[], plan: SlotPlan): boolean {
  const [first] = run;
  const last = run.at(-1)!;
  return (
    plan.kind === 'copied' &&
    plan.layer === last.layer &&
    (plan.isFrame || !plan.allZero) &&
    plan.fileOffset === last.fileOffset + last.storedLength &&
    plan.fileOffset + plan.storedLength - first!.fileOffset <= readBytes
  );
}

async function copySlots(
  run: readonly CopiedSlot[],
  source: SlotSource,
): Promise<readonly ArchiveSlot[]> {
  const start = run[0]!.fileOffset;
  const last = run.at(-1)!;
  const { file } = source.layers[last.layer]!;
  const stored = await file.read(start, last.fileOffset + last.storedLength - start);
  return run.map((plan) => {
    const at = plan.fileOffset - start;
    const bytes = stored.subarray(at, at + plan.storedLength);
    return {
      // A frame goes into the file as it is; of its data only the length matters.
      data: plan.isFrame ? zeros(plan.bytes) : bytes,
      frame: plan.isFrame ? bytes : undefined,
      chunks: copiedRows(plan.chunks, source),
      allZero: plan.allZero,
      release: nothing,
    };
  });
}

function zeroSlot(plan: CopiedSlot, source: SlotSource): ArchiveSlot {
  const data = zeros(plan.bytes);
  return { data, chunks: copiedRows(plan.chunks, source), allZero: true, release: nothing };
}

function copiedRows(chunks: readonly SyntheticChunk[], { layers }: SlotSource): Buffer {
  return Buffer.concat(
    chunks.map(({ offset, length, parts: [part] }) => {
      const { table } = layers[part!.layer]!.disk;
      const digest = table.digest(part!.chunk);
      return chunkRow({ offset, length, zero: table.isZero(part!.chunk), digest });
    }),
  );
}

async function rebuildSlot(plan: RebuiltSlot, source: SlotSource): Promise<ArchiveSlot> {
  const data = Buffer.allocUnsafeSlow(plan.bytes);
  const rows: Buffer[] = [];
  let at = 0;
  let allZero = true;
  for (const { offset, length, parts } of plan.chunks) {
    const chunk = data.subarray(at, at + length);
    await fillChunk(chunk, { offset, parts }, source);
    const zero = isZero(chunk);
    allZero &&= zero;
    rows.push(chunkRow({ offset, length, zero, digest: source.digester.digest(chunk) }));
    at += length;
  }
  return { data, chunks: Buffer.concat(rows), allZero, release: nothing };
}

async function fillChunk(
  target: Buffer,
  { offset, parts }: Pick<SyntheticChunk, 'offset' | 'parts'>,
  { layers }: SlotSource,
): Promise<void> {
  for (const part of parts) {
    const at = part.diskOffset - offset;
    if (part.zero) {
      target.fill(0, at, at + part.length);
      continue;
    }
    const bytes = await layers[part.layer]!.disk.readChunk(part.chunk);
    bytes.copy(target, at, part.start, part.start + part.length);
  }
}

let noBytes: Buffer | undefined;

/** A view of its own each time, since the writer tells slots apart by it; memory that is never touched. */
function zeros(length: number): Buffer {
  noBytes ??= Buffer.alloc(maxFrameBytes);
  return noBytes.subarray(0, length);
}

function nothing(): void {}
