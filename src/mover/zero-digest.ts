import { blake3 } from '#transport/native/digest.ts';

const known = new Map<number, Buffer>();

/** Digest of `length` zero bytes; there are few lengths, so they are kept. */
export function zeroDigest(length: number): Buffer {
  let digest = known.get(length);
  if (digest === undefined) known.set(length, (digest = blake3(Buffer.alloc(length))));
  return digest;
}
