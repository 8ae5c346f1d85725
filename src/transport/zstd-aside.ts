import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';

const decompress = promisify(zstdDecompress);

/** Decodes one frame of exactly `size` bytes on one of Node's own threads; throws for anything else. */
export function zstdDecodeAside(frame: Uint8Array, size: number): Promise<Buffer> {
  // A little more room than needed: else zlib comes back for a second, empty buffer.
  return decompress(frame, { chunkSize: size + 64, maxOutputLength: size });
}
