import type { FileHandle } from 'node:fs/promises';

import type { DiskImage } from './disk-image.ts';

export interface WriteRawOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: {
    readonly doneBytes: number;
    readonly totalBytes: number;
  }) => void;
}

const stepBytes = 4 * 1024 * 1024;
/** Steps that are read, checked and written at the same time. */
const maxInFlight = 4;

/** Writes a disk into an empty file as a raw sparse image; returns the bytes that are not holes. */
export async function writeRaw(
  image: DiskImage,
  file: FileHandle,
  { signal, onProgress }: WriteRawOptions,
): Promise<number> {
  const { capacityBytes } = image;
  await file.truncate(capacityBytes);
  let writtenBytes = 0;
  const step = async (offset: number, length: number): Promise<void> => {
    let at = offset;
    for (const run of await image.read(offset, length)) {
      if (run.data !== undefined) {
        await writeFully(file, run.data, at);
        writtenBytes += run.length;
      }
      at += run.length;
    }
    onProgress?.({ doneBytes: offset + length, totalBytes: capacityBytes });
  };
  const inFlight: Promise<void>[] = [];
  try {
    for (const { offset, length } of stepsOf(image)) {
      signal.throwIfAborted();
      const next = step(offset, length);
      // Its failure is thrown where it is awaited, in disk order.
      next.catch(() => undefined);
      inFlight.push(next);
      if (inFlight.length >= maxInFlight) await inFlight.shift();
    }
    for (const each of inFlight) await each;
    signal.throwIfAborted();
  } finally {
    // The caller closes the file; nothing may write to it then.
    await Promise.allSettled(inFlight);
  }
  onProgress?.({ doneBytes: capacityBytes, totalBytes: capacityBytes });
  return writtenBytes;
}

function* stepsOf(image: DiskImage): Generator<{ offset: number; length: number }> {
  const extents = image.dataExtents();
  for (let i = 0; i < extents.length; i += 2) {
    const end = extents[i]! + extents[i + 1]!;
    for (let offset = extents[i]!; offset < end; offset += stepBytes)
      yield { offset, length: Math.min(stepBytes, end - offset) };
  }
}

async function writeFully(file: FileHandle, data: Buffer, position: number): Promise<void> {
  for (let at = 0; at < data.length;)
    at += (await file.write(data, at, data.length - at, position + at)).bytesWritten;
}
