import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { BlockMap } from './block-map.ts';
import type { DiskFile } from './disk-file.ts';

const run = promisify(execFile);

/** Unit in which a VMFS datastore hands out space. */
const vmfsGrainBytes = 1024 * 1024;

/** Areas of the disk in use, as seen through the chain that ends in this file. */
export async function allocatedBlocks(disk: DiskFile): Promise<BlockMap> {
  const map = new BlockMap(vmfsGrainBytes);
  for (const at of disk.chain()) {
    if (at.held === undefined) await addBase(map, at);
    else for (const r of at.held.ranges(0, disk.sizeBytes)) map.addRange(r.offset, r.length);
  }
  return map;
}

async function addBase(map: BlockMap, base: DiskFile): Promise<void> {
  if (base.eagerlyScrub) {
    map.addRange(0, base.sizeBytes);
    return;
  }
  const extents = (await readExtentMap(base.rawPath)) ?? (await scanForData(base));
  for (const { offset, length } of extents) map.addRange(offset, length);
}

interface Range {
  readonly offset: number;
  readonly length: number;
}

/** The host file system's own extents; undefined where it cannot tell (tmpfs). */
async function readExtentMap(file: string): Promise<readonly Range[] | undefined> {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  try {
    const args = ['-s', '-v', '-b1', file];
    const options = { env: { ...process.env, PATH: path }, maxBuffer: 256 * 1024 * 1024 };
    const { stdout } = await run('filefrag', args, options);
    const rows = stdout.matchAll(/^\s*\d+:\s*(\d+)\.\.\s*(\d+):.*$/gm);
    return [...rows].map((row) => ({
      offset: Number(row[1]),
      length: Number(row[2]) - Number(row[1]) + 1,
    }));
  } catch {
    return undefined;
  }
}

async function scanForData(base: DiskFile): Promise<readonly Range[]> {
  const out: Range[] = [];
  const buffer = Buffer.alloc(vmfsGrainBytes);
  const handle = await open(base.rawPath, 'r');
  try {
    for (let at = 0; at < base.sizeBytes; at += buffer.length) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (buffer.subarray(0, bytesRead).some((byte) => byte !== 0))
        out.push({ offset: at, length: bytesRead });
    }
  } finally {
    await handle.close();
  }
  return out;
}
