/**
 * The seek table of the zstd seekable format: a skippable frame at the end of the file that
 * lists the stored and decoded size of every frame.
 */
const skippableMagic = 0x184d2a5e;
const footerMagic = 0x8f92eab1;
export const seekEntryBytes = 8;
export const seekFooterBytes = 9;
const skippableHeaderBytes = 8;

export function seekEntry(storedBytes: number, decodedBytes: number): Buffer {
  const entry = Buffer.allocUnsafe(seekEntryBytes);
  entry.writeUInt32LE(storedBytes, 0);
  entry.writeUInt32LE(decodedBytes, 4);
  return entry;
}

/** What goes before and after the entries. */
export function seekTableEnds(entriesBytes: number): { head: Buffer; foot: Buffer } {
  const head = Buffer.allocUnsafe(skippableHeaderBytes);
  head.writeUInt32LE(skippableMagic, 0);
  head.writeUInt32LE(entriesBytes + seekFooterBytes, 4);
  const foot = Buffer.allocUnsafe(seekFooterBytes);
  foot.writeUInt32LE(entriesBytes / seekEntryBytes, 0);
  foot.writeUInt8(0, 4);
  foot.writeUInt32LE(footerMagic, 5);
  return { head, foot };
}

/** Bytes of the whole skippable frame, from the last 9 bytes of the file; undefined when they are no footer. */
export function seekTableBytes(footer: Buffer): number | undefined {
  if (footer.length !== seekFooterBytes || footer.readUInt32LE(5) !== footerMagic) return undefined;
  if (footer.readUInt8(4) !== 0) return undefined;
  return skippableHeaderBytes + footer.readUInt32LE(0) * seekEntryBytes + seekFooterBytes;
}

/** Where every frame lies in the file and in the tar stream. */
export class SeekTable {
  readonly count: number;
  /** Frame i is stored at [storedStarts[i], storedStarts[i + 1]) and decodes to [decodedStarts[i], decodedStarts[i + 1]). */
  readonly storedStarts: Float64Array;
  readonly decodedStarts: Float64Array;

  /** `table` is the whole skippable frame; throws RangeError with the reason when it is not one. */
  constructor(table: Buffer, maxFrameBytes: number) {
    const entriesBytes = table.length - skippableHeaderBytes - seekFooterBytes;
    if (table.readUInt32LE(0) !== skippableMagic || table.readUInt32LE(4) !== table.length - 8)
      throw new RangeError('the seek table has no frame header');
    this.count = entriesBytes / seekEntryBytes;
    this.storedStarts = new Float64Array(this.count + 1);
    this.decodedStarts = new Float64Array(this.count + 1);
    for (let i = 0; i < this.count; i++) {
      const at = skippableHeaderBytes + i * seekEntryBytes;
      const stored = table.readUInt32LE(at);
      const decoded = table.readUInt32LE(at + 4);
      if (stored === 0 || decoded === 0 || decoded > maxFrameBytes || stored > 2 * maxFrameBytes)
        throw new RangeError(`the seek table's frame ${i} has an impossible size`);
      this.storedStarts[i + 1] = this.storedStarts[i]! + stored;
      this.decodedStarts[i + 1] = this.decodedStarts[i]! + decoded;
    }
  }

  get storedBytes(): number {
    return this.storedStarts[this.count]!;
  }

  get decodedBytes(): number {
    return this.decodedStarts[this.count]!;
  }

  /** The frame that holds byte `position` of the tar stream. */
  frameAt(position: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.decodedStarts[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
