import { addon } from './addon.ts';
import { rethrowNative } from './native-failure.ts';

/** One zstd frame with content size and checksum. Data that do not shrink by 3 % are stored in raw blocks. */
export function zstdFrame(data: Uint8Array, level: number): Buffer {
  return addon.zstdFrame(data, level);
}

/** Decodes one frame of exactly `size` bytes. Throws ColdframeError 'archive-damaged' for anything else. */
export function zstdDecode(frame: Uint8Array, size: number): Buffer {
  try {
    return addon.zstdDecode(frame, size);
  } catch (error) {
    return rethrowNative(error, 'archive-damaged');
  }
}
