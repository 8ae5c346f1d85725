import type { Digester, FrameCodec } from '#archive/ports.ts';
import { Blake3, blake3 } from '#transport/native/digest.ts';
import { zstdDecode, zstdFrame } from '#transport/native/zstd.ts';

/** The archive room's ports on the native side. */
export const nativeDigester: Digester = { digest: blake3, create: () => new Blake3() };

export function nativeCodec(level: number): FrameCodec {
  return {
    compress: (data) => zstdFrame(data, level),
    decompress: zstdDecode,
  };
}

/** For reading, where the level does not matter. */
export const nativeDecoder = { digester: nativeDigester, codec: nativeCodec(1) };
