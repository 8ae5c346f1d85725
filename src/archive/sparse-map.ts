import type { ExtentList } from '#core/extents.ts';

import { padToBlock } from './layout.ts';

/**
 * The map of a GNU PAX sparse 1.0 member: decimal lines `count`, then `offset` and `length`
 * of every region, padded with zeros to a block. A disk that does not end in an extent gets a
 * last empty region at its capacity, which is how GNU tar learns to extend the file.
 */
const pieceBytes = 64 * 1024;

/** Bytes of the map with its padding. */
export function sparseMapBytes(extents: ExtentList, capacityBytes: number): number {
  const count = extents.length / 2;
  const tail = needsTail(extents, capacityBytes);
  let bytes = lineBytes(count + (tail ? 1 : 0));
  for (let i = 0; i < extents.length; i++) bytes += lineBytes(extents[i]!);
  if (tail) bytes += lineBytes(capacityBytes) + lineBytes(0);
  return padToBlock(bytes);
}

/** The map in pieces of about 64 KiB. */
export function* sparseMapText(extents: ExtentList, capacityBytes: number): Generator<Buffer> {
  const tail = needsTail(extents, capacityBytes);
  let text = `${extents.length / 2 + (tail ? 1 : 0)}\n`;
  let written = 0;
  for (let i = 0; i < extents.length; i += 2) {
    text += `${extents[i]}\n${extents[i + 1]}\n`;
    if (text.length >= pieceBytes) {
      written += text.length;
      yield Buffer.from(text, 'latin1');
      text = '';
    }
  }
  if (tail) text += `${capacityBytes}\n0\n`;
  written += text.length;
  yield Buffer.from(text + '\0'.repeat(padToBlock(written) - written), 'latin1');
}

function needsTail(extents: ExtentList, capacityBytes: number): boolean {
  if (extents.length === 0) return true;
  return extents[extents.length - 2]! + extents[extents.length - 1]! < capacityBytes;
}

function lineBytes(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits + 1;
}

/** Reads a map piece by piece, without ever holding it. */
export class SparseMapParser {
  readonly #onRegion: (offset: number, length: number) => void;
  #count: number | undefined;
  #offset: number | undefined;
  #value: number | undefined;
  #regions = 0;

  constructor(onRegion: (offset: number, length: number) => void) {
    this.#onRegion = onRegion;
  }

  get complete(): boolean {
    return this.#count !== undefined && this.#regions === this.#count;
  }

  /** False when the text is not a map; zeros after the last region are its padding. */
  push(piece: Uint8Array): boolean {
    for (const byte of piece) {
      if (this.complete) {
        if (byte !== 0) return false;
      } else if (byte === 0x0a) {
        if (!this.#endLine()) return false;
      } else {
        if (byte < 0x30 || byte > 0x39) return false;
        this.#value = (this.#value ?? 0) * 10 + (byte - 0x30);
        if (this.#value > Number.MAX_SAFE_INTEGER) return false;
      }
    }
    return true;
  }

  #endLine(): boolean {
    const value = this.#value;
    if (value === undefined) return false;
    this.#value = undefined;
    if (this.#count === undefined) this.#count = value;
    else if (this.#offset === undefined) this.#offset = value;
    else {
      this.#onRegion(this.#offset, value);
      this.#offset = undefined;
      this.#regions++;
    }
    return true;
  }
}
