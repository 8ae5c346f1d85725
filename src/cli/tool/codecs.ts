import type { Digester, FrameDecoder } from '#archive/ports.ts';
import { ColdframeError } from '#core/error.ts';
import { zstdDecodeAside } from '#transport/zstd-aside.ts';

/** Digests and zstd for reading archives. Loaded only by the commands that need them. */
export async function loadCodecs(): Promise<{
  readonly digester: Digester;
  readonly codec: FrameDecoder;
}> {
  try {
    const { blake3, Blake3 } = await import('#transport/native/digest.ts');
    const { zstdDecode } = await import('#transport/native/zstd.ts');
    return {
      digester: { digest: blake3, create: () => new Blake3() },
      codec: {
        decompress: zstdDecode,
        decompressAside: zstdDecodeAside,
      },
    };
  } catch (error) {
    throw new ColdframeError(
      'internal',
      'The native part of coldframe is missing. Build it with: npm run setup',
      { cause: error },
    );
  }
}
