import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { cp, link, mkdir, open, readdir, rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ImageShape {
  readonly sizeBytes: number;
  /** Share of the disk filled from the machine's own programs and documents (compressible as such files are). */
  readonly files: number;
  /** Share filled with random bytes. */
  readonly random: number;
}

/** A third files, 15 % random, the rest never written: a half-full server disk. */
export const mixed: ImageShape = { sizeBytes: 8 * 2 ** 30, files: 0.32, random: 0.15 };

/**
 * Makes (once, then reuses) a raw image with a real ext4 file system of that shape. Files
 * are hard-linked into a staging folder where the file system allows it, so building costs one copy.
 */
export async function diskImage(path: string, shape: ImageShape): Promise<string> {
  if (await exists(path)) return path;
  const staging = `${path}.staging`;
  const partial = `${path}.partial`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  await stageFiles('/usr', join(staging, 'usr'), shape.files * shape.sizeBytes);
  await writeRandom(join(staging, 'random.bin'), Math.floor(shape.random * shape.sizeBytes));
  await rm(partial, { force: true });
  await (await open(partial, 'w')).close();
  await truncate(partial, shape.sizeBytes);
  await run(
    'mke2fs',
    ['-q', '-t', 'ext4', '-m', '0', '-E', 'lazy_itable_init=1', '-d', staging, partial],
    {
      env: { ...process.env, PATH: `${process.env['PATH']}:/sbin:/usr/sbin` },
    },
  );
  await rm(staging, { recursive: true, force: true });
  await rename(partial, path);
  return path;
}

/** Reads the file once so that a timed run starts from the page cache. */
export async function warm(path: string): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: 4 * 2 ** 20 })) void chunk;
}

async function stageFiles(from: string, to: string, wantedBytes: number): Promise<void> {
  let left = wantedBytes;
  let round = 0;
  while (left > 0 && round < 8) {
    const before = left;
    left = await stageFolder(from, join(to, String(round++)), left);
    if (left === before) return;
  }
}

async function stageFolder(from: string, to: string, wanted: number): Promise<number> {
  let left = wanted;
  await mkdir(to, { recursive: true });
  const entries = await readdir(from, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (left <= 0) break;
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) left = await stageFolder(source, target, left);
    else if (entry.isFile()) {
      const { size } = await stat(source);
      await link(source, target).catch(() => cp(source, target));
      left -= size;
    }
  }
  return left;
}

async function writeRandom(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w');
  const random = await open('/dev/urandom', 'r');
  const buffer = Buffer.alloc(4 * 2 ** 20);
  for (let done = 0; done < bytes;) {
    const { bytesRead } = await random.read(buffer, 0, Math.min(buffer.length, bytes - done));
    await file.write(buffer, 0, bytesRead);
    done += bytesRead;
  }
  await random.close();
  await file.close();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
