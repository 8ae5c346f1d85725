import { ColdframeError } from '#core/error.ts';

import type { ArchiveFile } from './archive-file.ts';
import { damaged } from './damage.ts';
import { blockBytes } from './layout.ts';
import { PlainTar } from './plain-tar.ts';
import type { FrameDecoder } from './ports.ts';
import { SeekableTar } from './seekable-tar.ts';
import { decodeTarHeader } from './tar-header.ts';
import type { TarSource } from './tar-source.ts';

const zstdMagic = 0xfd2fb528;

/** Tells by the first bytes whether the archive is compressed. */
export async function openTar(file: ArchiveFile, codec: FrameDecoder): Promise<TarSource> {
  if (file.size === 0) throw damaged(file.name, 'it is empty');
  const start = await file.read(0, Math.min(blockBytes, file.size));
  if (start.length >= 4 && start.readUInt32LE(0) === zstdMagic)
    return SeekableTar.open(file, codec);
  if (decodeTarHeader(start) !== undefined) return new PlainTar(file);
  throw new ColdframeError(
    'invalid-input',
    `${file.name} is not a coldframe archive: it begins with neither a tar header nor a zstd frame. If it should be one, it is damaged; use another copy.`,
    { details: { file: file.name } },
  );
}
