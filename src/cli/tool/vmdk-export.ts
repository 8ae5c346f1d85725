import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

import type { DiskImage } from '#archive/disk-image.ts';
import {
  encodeStreamOptimized,
  type StreamOptimizedResult,
  type VmdkSource,
} from '#vmdk/stream-optimized.ts';

export interface VmdkOptions {
  readonly fileName: string;
  /** What the identity is made of: the same disk of the same restore point is the same VMDK. */
  readonly identityOf: string;
  readonly hardwareVersion: number;
  readonly signal: AbortSignal;
  readonly onBytes: (doneBytes: number) => void;
}

/** Fast; higher levels take three times as long for a tenth less. */
const zlibLevel = 2;

/** A disk as a streamOptimized VMDK, front to back. */
export function encodeVmdk(
  image: DiskImage,
  options: VmdkOptions,
): AsyncGenerator<Buffer, StreamOptimizedResult> {
  const { fileName, hardwareVersion, signal, onBytes } = options;
  const identity = createHash('sha256').update(options.identityOf).digest('hex').slice(0, 32);
  const source: VmdkSource = {
    capacityBytes: image.capacityBytes,
    dataExtents: image.dataExtents(),
    read: async (buffer, offset) => {
      signal.throwIfAborted();
      await image.fill(buffer, offset);
      onBytes(offset + buffer.length);
    },
  };
  return encodeStreamOptimized(source, {
    fileName,
    identity: { contentId: identity.slice(-8), longContentId: identity },
    hardwareVersion,
    level: zlibLevel,
  });
}

export async function writeVmdk(
  image: DiskImage,
  file: FileHandle,
  options: VmdkOptions,
): Promise<void> {
  for await (const part of encodeVmdk(image, options)) await file.writeFile(part);
}
