import { constants, openSync } from 'node:fs';
import { statfs } from 'node:fs/promises';

import { wrapError } from '#core/error.ts';
import type { Compression } from '#core/restore-point.ts';
import { sinkOn, type ByteSink } from '#transport/native/sink.ts';

/** Magic numbers of ext4 and XFS in statfs(2), where O_DIRECT is what it says. */
const directFileSystems: ReadonlySet<number> = new Set([0xef53, 0x58465342]);

/**
 * The writer of a partial archive, which exists and is empty. Compressing needs every processor, and
 * past the page cache writing costs a third of the time; plain archives are written as fast as the
 * disk takes them, and that is through the page cache. Errors: 'io'.
 */
export async function openArchiveSink(path: string, compression: Compression): Promise<ByteSink> {
  try {
    const direct = compression === 'zstd' && directFileSystems.has((await statfs(path)).type);
    const flags = constants.O_RDWR | (direct ? constants.O_DIRECT : 0);
    return sinkOn(openSync(path, flags), path, { mode: direct ? 'direct' : 'plain' });
  } catch (error) {
    throw wrapError('io', `Cannot open ${path} for writing: ${String(error)}`, error);
  }
}
