import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DiskWorker } from '#transport/native/disk-worker.ts';
import type { DiskWorkerOptions } from '#transport/native/disk-worker.ts';

const sector = 512;

/** Repeatable numbers from 0 up to `below`. */
export function dice(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

/** Noise, text and zeros in runs of 64 KiB, so that every kind of chunk and frame occurs. */
export function mixedBytes(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  const roll = dice(seed);
  for (let at = 0; at < length; at += 65_536) {
    const run = bytes.subarray(at, at + 65_536);
    const kind = roll(4);
    if (kind === 0) continue;
    if (kind === 1) run.fill(`line ${at} of a text that repeats itself `);
    else for (let i = 0; i + 4 <= run.length; i += 4) run.writeUInt32LE(roll(0xffff_ffff), i);
  }
  return bytes;
}

/** Sorted, disjoint, whole sectors. */
export function randomExtents(capacity: number, seed: number): Float64Array {
  const roll = dice(seed);
  const pairs: number[] = [];
  let at = roll(8) * sector;
  while (at < capacity) {
    const length = Math.min((1 + roll(roll(4) === 0 ? 5000 : 200)) * sector, capacity - at);
    pairs.push(at, length);
    at += length + (1 + roll(300)) * sector;
  }
  return Float64Array.from(pairs);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface Folder extends AsyncDisposable {
  readonly path: string;
  file(name: string, bytes: Uint8Array): Promise<string>;
}

export async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'coldframe-native-'));
  return {
    path,
    async file(name, bytes) {
      const file = join(path, name);
      await writeFile(file, bytes);
      return file;
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
    },
  };
}

export function startWorker(options: DiskWorkerOptions = {}): Promise<DiskWorker> {
  return DiskWorker.start({ exitMs: 5_000, ...options });
}
