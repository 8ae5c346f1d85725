import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { ColdframeError } from '#core/error.ts';
import { emptyExtents } from '#core/extents.ts';
import { encodeStreamOptimized, type VmdkSource } from '#vmdk/stream-optimized.ts';
import type { OvfDisk } from '#ovf/envelope.ts';
import { hardwareVersion } from '../ovf/descriptor.ts';
import { dataExtentsOfRaw } from './data-extents.ts';

export interface WrittenDisk extends OvfDisk {
  readonly sha256: string;
}

/** Encodes a raw image. `level` is zlib's. */
export async function writeVmdkFromRaw(
  rawPath: string,
  vmdkPath: string,
  level: number,
): Promise<WrittenDisk> {
  await using raw = await open(rawPath, 'r');
  const { size } = await raw.stat();
  const source: VmdkSource = {
    capacityBytes: size,
    dataExtents: await dataExtentsOfRaw(rawPath, size),
    read: async (buffer, offset) => {
      let done = 0;
      while (done < buffer.length) {
        const { bytesRead } = await raw.read(buffer, done, buffer.length - done, offset + done);
        if (bytesRead === 0)
          throw new ColdframeError('io', `${rawPath} became shorter while it was read.`);
        done += bytesRead;
      }
    },
  };
  return await writeVmdk(source, vmdkPath, level);
}

/** An empty disk: a few KiB of file, whatever its capacity. */
export function writeEmptyVmdk(capacityBytes: number, vmdkPath: string): Promise<WrittenDisk> {
  const read = () => Promise.reject(new ColdframeError('internal', 'An empty disk was read.'));
  return writeVmdk({ capacityBytes, dataExtents: emptyExtents, read }, vmdkPath, 1);
}

async function writeVmdk(
  source: VmdkSource,
  vmdkPath: string,
  level: number,
): Promise<WrittenDisk> {
  const fileName = basename(vmdkPath);
  // The same image and name give the same file, so identities come from the name.
  const identity = createHash('sha256').update(fileName).digest('hex').slice(0, 32);
  await using file = await open(vmdkPath, 'wx');
  const hash = createHash('sha256');
  const encoder = encodeStreamOptimized(source, {
    fileName,
    identity: { contentId: identity.slice(-8), longContentId: identity },
    hardwareVersion,
    level,
  });
  let step = await encoder.next();
  for (; step.done !== true; step = await encoder.next()) {
    hash.update(step.value);
    await file.writeFile(step.value);
  }
  return {
    fileName,
    capacityBytes: source.capacityBytes,
    ...step.value,
    sha256: hash.digest('hex'),
  };
}
