import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

import { createBLAKE3 } from 'hash-wasm';

import type { Digester, FrameCodec, Hasher } from '#archive/ports.ts';

/** BLAKE3 by an implementation that is not ours. */
export const wasmDigester: Digester = await makeDigester();

async function makeDigester(): Promise<Digester> {
  const oneShot = await createBLAKE3();
  const pool = await Promise.all(Array.from({ length: 8 }, () => createBLAKE3()));
  return {
    digest: (data) => Buffer.from(oneShot.init().update(data).digest('binary')),
    create: (): Hasher => {
      const hasher = pool.pop();
      if (hasher === undefined) throw new Error('too many hashers at once for this test kit');
      hasher.init();
      return {
        update: (data) => void hasher.update(data),
        digest: () => {
          pool.push(hasher);
          return Buffer.from(hasher.digest('binary'));
        },
      };
    },
  };
}

/** zstd as Node has it. */
export const nodeCodec: FrameCodec = {
  compress: (data) =>
    zstdCompressSync(data, {
      params: {
        [constants.ZSTD_c_compressionLevel]: 1,
        [constants.ZSTD_c_checksumFlag]: 1,
        [constants.ZSTD_c_contentSizeFlag]: 1,
      },
    }),
  decompress: (frame, size) => zstdDecompressSync(frame, { maxOutputLength: Math.max(1, size) }),
};
