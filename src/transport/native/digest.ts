import { addon } from './addon.ts';

/** BLAKE3-256 of `data`, 32 bytes. Synchronous: about 6 GB/s with AVX-512, for members and small files. */
export function blake3(data: Uint8Array): Buffer {
  return addon.blake3(data);
}

/** BLAKE3-256 of a byte stream. */
export class Blake3 {
  readonly #native = new addon.Blake3();

  update(data: Uint8Array): this {
    this.#native.update(data);
    return this;
  }

  /** 32 bytes over everything so far; more may follow. */
  digest(): Buffer {
    return this.#native.digest();
  }
}

/** True for an empty buffer too. */
export function isZero(data: Uint8Array): boolean {
  return addon.isZero(data);
}
