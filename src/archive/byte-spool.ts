import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

const pieceBytes = 1024 * 1024;

export interface ByteSpoolOptions {
  /** Bytes kept in memory before the rest goes to a nameless file. */
  readonly memoryBytes: number;
  readonly dir: string;
}

/**
 * Holds bytes that are collected while a disk is copied and written after it (chunk rows, seek
 * table). Memory stays bounded: beyond the limit they go to an unlinked temporary file. That
 * happens about once in a TiB, so the file is written synchronously, which keeps callers simple.
 */
export class ByteSpool implements Disposable {
  readonly #options: ByteSpoolOptions;
  #pieces: Buffer[] = [];
  #current = Buffer.allocUnsafeSlow(64 * 1024);
  #used = 0;
  #held = 0;
  #spilled = 0;
  #file: number | undefined;

  constructor(options: ByteSpoolOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#spilled + this.#held + this.#used;
  }

  /** Copies `data`. */
  append(data: Uint8Array): void {
    for (let at = 0; at < data.length;) {
      if (this.#used === this.#current.length) this.#nextPiece();
      const part = data.subarray(at, at + this.#current.length - this.#used);
      this.#current.set(part, this.#used);
      this.#used += part.length;
      at += part.length;
    }
  }

  /** Everything in order, in pieces of at most 1 MiB. */
  *read(): Generator<Buffer> {
    for (let at = 0; at < this.#spilled;) {
      const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, this.#spilled - at));
      for (let got = 0; got < piece.length;) {
        const bytes = readSync(this.#file!, piece, got, piece.length - got, at + got);
        if (bytes === 0) throw new Error('the spool file lost bytes');
        got += bytes;
      }
      at += piece.length;
      yield piece;
    }
    yield* this.#pieces;
    if (this.#used > 0) yield this.#current.subarray(0, this.#used);
  }

  [Symbol.dispose](): void {
    this.#pieces = [];
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #nextPiece(): void {
    this.#pieces.push(this.#current);
    this.#held += this.#used;
    this.#used = 0;
    this.#current = Buffer.allocUnsafeSlow(pieceBytes);
    if (this.#held < this.#options.memoryBytes) return;
    this.#file ??= openNameless(this.#options.dir);
    for (const piece of this.#pieces) {
      for (let at = 0; at < piece.length;)
        at += writeSync(this.#file, piece, at, piece.length - at, this.#spilled + at);
      this.#spilled += piece.length;
    }
    this.#pieces = [];
    this.#held = 0;
  }
}

function openNameless(dir: string): number {
  const folder = mkdtempSync(path.join(dir, 'coldframe-spool-'));
  try {
    return openSync(path.join(folder, 'spool'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
