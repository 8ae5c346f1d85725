import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DiskFile } from './disk-file.ts';
import { Random } from './random.ts';

const run = promisify(execFile);

/** What a new disk holds. */
export type Fill =
  | { readonly kind: 'empty' }
  /** Seeded mix: a third zeros, a third text that compresses, a third noise. */
  | { readonly kind: 'pattern'; readonly seed: number }
  /** Copied from a raw image, sparse. */
  | { readonly kind: 'raw'; readonly path: string }
  /** A real ext4 file system with files from this folder, up to about half the disk. */
  | { readonly kind: 'ext4'; readonly folder: string };

/** Marks every block of the file that the guest writer may change on an ext4 disk. */
const writableMark = Buffer.from('coldframe-lab guest writer block\n');
const blockBytes = 4096;

/**
 * Fills a disk. Returns the offsets of 4 KiB blocks that the guest writer may overwrite without
 * hurting the file system, or undefined when it may write anywhere.
 */
export async function fillDisk(disk: DiskFile, fill: Fill): Promise<readonly number[] | undefined> {
  if (fill.kind === 'pattern') await fillPattern(disk, fill.seed);
  if (fill.kind === 'raw') await copyRaw(disk, fill.path);
  const writable = fill.kind === 'ext4' ? await fillExt4(disk, fill.folder) : undefined;
  await disk.noteOwnWrites();
  return writable;
}

async function fillPattern(disk: DiskFile, seed: number): Promise<void> {
  const random = new Random(seed);
  const step = 256 * 1024;
  for (let at = 0; at < disk.sizeBytes; at += step) {
    const length = Math.min(step, disk.sizeBytes - at);
    const choice = random.below(3);
    if (choice === 1) {
      const line = `row ${at} of table ${random.next()}: ${random.bytes(12).toString('hex')}\n`;
      await disk.write(at, Buffer.alloc(length, line));
    } else if (choice === 2) await disk.write(at, random.bytes(length));
  }
}

async function copyRaw(disk: DiskFile, source: string): Promise<void> {
  const { size } = await stat(source);
  if (size > disk.sizeBytes) throw new Error(`${source} is larger than the disk`);
  await run('cp', ['--sparse=always', source, disk.rawPath]);
  await disk.resize(disk.sizeBytes);
}

async function fillExt4(disk: DiskFile, folder: string): Promise<readonly number[]> {
  const staging = await mkdtemp(`${disk.rawPath}.staging-`);
  try {
    const tree = path.join(staging, 'tree');
    await mkdir(tree);
    const writerBytes = Math.floor(disk.sizeBytes / 16 / blockBytes) * blockBytes;
    const block = Buffer.alloc(blockBytes, ' ');
    writableMark.copy(block);
    await writeFile(path.join(tree, 'guest-writer.dat'), Buffer.alloc(writerBytes, block));
    await copyUpTo(folder, path.join(tree, 'files'), Math.floor(disk.sizeBytes / 2));
    const size = `${Math.floor(disk.sizeBytes / 1024)}k`;
    await run('mke2fs', ['-q', '-F', '-t', 'ext4', '-L', 'lab', '-d', tree, disk.rawPath, size], {
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  await disk.resize(disk.sizeBytes);
  return await findMarkedBlocks(disk);
}

/** Copies regular files in name order until the budget is used. */
async function copyUpTo(source: string, target: string, budgetBytes: number): Promise<number> {
  await mkdir(target, { recursive: true });
  let used = 0;
  const entries = await readdir(source, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const from = path.join(source, entry.name);
    const to = path.join(target, entry.name);
    if (used >= budgetBytes) break;
    if (entry.isDirectory()) used += blockBytes + (await copyUpTo(from, to, budgetBytes - used));
    else if (entry.isFile()) {
      const { size } = await stat(from);
      const rounded = Math.ceil(size / blockBytes) * blockBytes;
      if (used + rounded > budgetBytes) continue;
      await copyFile(from, to);
      used += rounded;
    } else if (entry.isSymbolicLink()) await cp(from, to, { verbatimSymlinks: true });
  }
  return used;
}

async function findMarkedBlocks(disk: DiskFile): Promise<readonly number[]> {
  const found: number[] = [];
  const handle = await open(disk.rawPath, 'r');
  const step = Buffer.alloc(1024 * 1024);
  try {
    for (let at = 0; at < disk.sizeBytes; at += step.length) {
      const { bytesRead } = await handle.read(step, 0, step.length, at);
      for (let b = 0; b < bytesRead; b += blockBytes)
        if (step.subarray(b, b + writableMark.length).equals(writableMark)) found.push(at + b);
    }
  } finally {
    await handle.close();
  }
  return found;
}
