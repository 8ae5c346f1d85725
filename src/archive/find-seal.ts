import { damaged } from './damage.ts';
import {
  blockBytes,
  manifestName,
  maxSmallMemberBytes,
  padToBlock,
  sealSumName,
  trailerBytes,
} from './layout.ts';
import { decodeTarHeader } from './tar-header.ts';
import type { TarSource } from './tar-source.ts';

/** manifest.blake3: a header and a block. */
const sumMemberBytes = 2 * blockBytes;
/** How far back the search reads at a time; the last is the farthest that a seal can begin. */
const windows = [64 * 1024, 2 * 1024 * 1024, maxSmallMemberBytes + 64 * 1024] as const;

export interface FoundSeal {
  /** Position of manifest.blake3's header: where the listed members end. */
  readonly offset: number;
  /** The bytes of manifest.json. */
  readonly manifest: Buffer;
  /** What manifest.blake3 says. */
  readonly sum: string;
}

/**
 * Finds manifest.json from the end of the tar stream: the header block whose member ends
 * exactly where the trailer begins. So nothing inside a disk's data can pass for the seal.
 */
export async function findSeal(tar: TarSource, file: string): Promise<FoundSeal> {
  if (tar.size % blockBytes === 0) {
    let searched = tar.size;
    for (const window of windows) {
      const start = Math.max(0, tar.size - window);
      const found = await searchBackwards(tar, start, searched);
      if (found !== undefined) return found;
      searched = start;
    }
  }
  throw damaged(
    file,
    'it has no seal (manifest.json at its end): the backup that wrote it never finished, or the file was cut short',
  );
}

async function searchBackwards(
  tar: TarSource,
  start: number,
  end: number,
): Promise<FoundSeal | undefined> {
  if (start >= end) return undefined;
  const bytes = await tar.read(start, end - start);
  for (let at = bytes.length - blockBytes; at >= 0; at -= blockBytes) {
    const header = decodeTarHeader(bytes.subarray(at, at + blockBytes));
    if (header?.name !== manifestName || header.type !== '0') continue;
    const dataAt = start + at + blockBytes;
    if (dataAt + padToBlock(header.size) + trailerBytes === tar.size)
      return readSeal(tar, dataAt, header.size);
  }
  return undefined;
}

async function readSeal(
  tar: TarSource,
  dataAt: number,
  bytes: number,
): Promise<FoundSeal | undefined> {
  const offset = dataAt - sumMemberBytes - blockBytes;
  if (offset < 0) return undefined;
  const sumMember = await tar.read(offset, sumMemberBytes);
  const header = decodeTarHeader(sumMember.subarray(0, blockBytes));
  if (header?.name !== sealSumName || header.size > blockBytes) return undefined;
  const sum = sumMember.toString('latin1', blockBytes, blockBytes + header.size);
  return { offset, manifest: await tar.read(dataAt, bytes), sum };
}
