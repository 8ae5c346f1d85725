import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';

/** The payload of the age format v1 (age-encryption.org/v1, "Payload"): chunks, each sealed for itself. */

export const plainChunkBytes = 64 * 1024;
export const tagBytes = 16;
export const payloadNonceBytes = 16;
const sealedChunkBytes = plainChunkBytes + tagBytes;
const algorithm = 'chacha20-poly1305';

/** A key object, and not its bytes, makes every cipher a fifth cheaper. */
export function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32)));
}

/** Where a chunk's ciphertext begins, counted from the end of header and nonce. */
export function sealedOffset(index: number): number {
  return index * sealedChunkBytes;
}

/** Bytes of plaintext in a payload of so many bytes; undefined when no payload has that size. */
export function plainBytesOf(sealedBytes: number): number | undefined {
  const chunks = Math.ceil(sealedBytes / sealedChunkBytes);
  const plain = sealedBytes - chunks * tagBytes;
  // Only an empty plaintext may end in an empty chunk.
  const lastChunk = sealedBytes - (chunks - 1) * sealedChunkBytes;
  if (chunks === 0 || lastChunk < tagBytes || (lastChunk === tagBytes && chunks > 1))
    return undefined;
  return plain;
}

/** Which chunk of the payload, and whether it is the last: what its nonce says. */
export interface ChunkPlace {
  readonly index: number;
  readonly last: boolean;
}

/** Ciphertext and tag. */
export function sealChunk(key: KeyObject, place: ChunkPlace, plain: Uint8Array): [Buffer, Buffer] {
  const cipher = createCipheriv(algorithm, key, nonceOf(place), { authTagLength: tagBytes });
  const sealed = cipher.update(plain);
  cipher.final();
  return [sealed, cipher.getAuthTag()];
}

/** Undefined when the chunk is not what was written there. */
export function openChunk(key: KeyObject, place: ChunkPlace, sealed: Buffer): Buffer | undefined {
  const decipher = createDecipheriv(algorithm, key, nonceOf(place), { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plain;
}

/** Eleven bytes of counter, big-endian, and one that says "last". */
function nonceOf({ index, last }: ChunkPlace): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(Math.floor(index / 2 ** 32), 3);
  nonce.writeUInt32BE(index % 2 ** 32, 7);
  nonce[11] = last ? 1 : 0;
  return nonce;
}
