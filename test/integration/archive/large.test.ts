import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { open, stat } from 'node:fs/promises';
import { test } from 'node:test';

import { ArchiveReader } from '#archive/archive-reader.ts';
import { ArchiveWriter } from '#archive/archive-writer.ts';
import { chunkRowBytes, zeroFlag } from '#archive/chunk-table.ts';
import type { ArchiveSlot } from '#archive/ports.ts';
import type { ExtentList } from '#core/extents.ts';
import type { Compression } from '#core/restore-point.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { sampleHeader } from '#test/support/archive-samples.ts';
import { fileSink } from '#test/support/file-sink.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const ports = { digester: wasmDigester, codec: nodeCodec };
const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;
const tebibyte = 1024 * gibibyte;

interface LargeDisk {
  readonly file: string;
  readonly compression: Compression;
  readonly capacityBytes: number;
  readonly extents: ExtentList;
  readonly chunkBytes: number;
  /** What every chunk is filled with. */
  readonly fill: number;
}

/** All slots share one buffer's bytes, so that only the format is large. */
async function writeLarge(large: LargeDisk): Promise<void> {
  const disk = {
    label: 'big',
    data: { length: large.capacityBytes } as Buffer,
    extents: large.extents,
  };
  const { chunkBytes, compression } = large;
  await using sink = await fileSink(large.file);
  await using writer = new ArchiveWriter({ sink, ...ports });
  await writer.begin(sampleHeader([disk], { compression, chunkBytes }));
  await writer.beginDisk('big', large.capacityBytes, large.extents);
  const makeSlot = slotMaker(large);
  for (const chunks of slotsOf(large.extents, chunkBytes))
    await writer.writeSlots([makeSlot(chunks)]);
  await writer.endDisk();
  await writer.seal(1);
}

/** Flat pairs of up to 1 MiB in all. */
function* slotsOf(extents: ExtentList, chunkBytes: number): Generator<number[]> {
  let chunks: number[] = [];
  let bytes = 0;
  for (let i = 0; i < extents.length; i += 2) {
    const end = extents[i]! + extents[i + 1]!;
    for (let at = extents[i]!; at < end;) {
      const length = Math.min(end, (Math.floor(at / chunkBytes) + 1) * chunkBytes) - at;
      if (bytes + length > mebibyte) {
        yield chunks;
        chunks = [];
        bytes = 0;
      }
      chunks.push(at, length);
      bytes += length;
      at += length;
    }
  }
  if (chunks.length > 0) yield chunks;
}

function slotMaker({ fill }: LargeDisk): (chunks: readonly number[]) => ArchiveSlot {
  const digests = new Map<number, Buffer>();
  const frames = new Map<number, Buffer>();
  const full = Buffer.alloc(mebibyte, fill);
  const kept = <T>(map: Map<number, T>, size: number, make: () => T): T => {
    const value = map.get(size) ?? make();
    map.set(size, value);
    return value;
  };
  return (chunks) => {
    const rows = Buffer.alloc((chunks.length / 2) * chunkRowBytes);
    let bytes = 0;
    for (let i = 0; i < chunks.length; i += 2) {
      const length = chunks[i + 1]!;
      const at = (i / 2) * chunkRowBytes;
      rows.writeBigUInt64LE(BigInt(chunks[i]!), at);
      rows.writeUInt32LE((length | (fill === 0 ? zeroFlag : 0)) >>> 0, at + 8);
      kept(digests, length, () => wasmDigester.digest(full.subarray(0, length))).copy(
        rows,
        at + 12,
      );
      bytes += length;
    }
    const data = full.subarray(0, bytes);
    const frame = kept(frames, bytes, () => nodeCodec.compress(data));
    return { data, frame, chunks: rows, allZero: fill === 0, release: () => undefined };
  };
}

function listing(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', maxBuffer: 64 * mebibyte });
}

test('a member of more than 8 GiB is read by us and by other tars', async () => {
  await using dir = await temporaryFolder();
  const file = dir.join('large.tar');
  const capacityBytes = 9 * gibibyte;
  const extents = Float64Array.of(0, capacityBytes);
  await writeLarge({
    file,
    compression: 'none',
    capacityBytes,
    extents,
    chunkBytes: mebibyte,
    fill: 0,
  });
  const { size, blocks } = await stat(file);
  assert.ok(size > capacityBytes && blocks * 512 < 64 * mebibyte, 'zeros are holes');
  await using reader = await ArchiveReader.open(file, ports);
  const disk = await reader.disk('big');
  assert.equal(disk.table.count, 9 * 1024);
  assert.ok((await disk.readChunk(9215)).equals(Buffer.alloc(mebibyte)));
  for (const tar of ['tar', 'bsdtar']) {
    const lines = listing(tar, ['-tvf', file]);
    assert.match(lines, /9663676416.* disks\/big\.raw\n/, tar);
    assert.match(lines, / manifest\.json\n$/, tar);
  }
});

test('a disk of 62 TiB with data at both ends', async () => {
  await using dir = await temporaryFolder();
  const file = dir.join('huge.tar.zst');
  const capacityBytes = 62 * tebibyte;
  const extents = Float64Array.of(
    0,
    512,
    31 * tebibyte + 512,
    65536,
    capacityBytes - mebibyte,
    mebibyte,
  );
  await writeLarge({
    file,
    compression: 'zstd',
    capacityBytes,
    extents,
    chunkBytes: mebibyte,
    fill: 7,
  });
  await using reader = await ArchiveReader.open(file, ports);
  const disk = await reader.disk('big');
  assert.deepEqual(disk.table.extents(), extents);
  assert.ok((await disk.readChunk(disk.table.count - 1)).equals(Buffer.alloc(mebibyte, 7)));
  assert.match(listing('tar', ['--zstd', '-tvf', file]), /68169720922112 .* disks\/big\.raw\n/);
});

test('a 2 TiB sparse disk unpacks with GNU tar', async () => {
  await using dir = await temporaryFolder();
  const file = dir.join('sparse.tar');
  const capacityBytes = 2 * tebibyte;
  const extents = Float64Array.of(4096, 8192, tebibyte, mebibyte);
  await writeLarge({
    file,
    compression: 'none',
    capacityBytes,
    extents,
    chunkBytes: mebibyte,
    fill: 9,
  });
  execFileSync('tar', ['-xf', file, '-C', dir.path, 'disks/big.raw']);
  const image = await open(dir.join('disks', 'big.raw'));
  try {
    const stats = await image.stat();
    assert.equal(stats.size, capacityBytes);
    assert.ok(stats.blocks * 512 < 16 * mebibyte);
    const { buffer } = await image.read(Buffer.alloc(mebibyte), 0, mebibyte, tebibyte);
    assert.ok(buffer.equals(Buffer.alloc(mebibyte, 9)));
  } finally {
    await image.close();
  }
});

test('a map of a million extents stays within bounds', async () => {
  await using dir = await temporaryFolder();
  const file = dir.join('map.tar.zst');
  const count = 1_000_000;
  const extents = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) extents.set([i * 131_072 + 512, 512], i * 2);
  const capacityBytes = count * 131_072;
  await writeLarge({
    file,
    compression: 'zstd',
    capacityBytes,
    extents,
    chunkBytes: 65_536,
    fill: 3,
  });
  await using reader = await ArchiveReader.open(file, ports);
  const { table } = await reader.disk('big');
  assert.equal(table.count, count);
  assert.equal(table.offset(count - 1), (count - 1) * 131_072 + 512);
  // The whole test file, with the test runner, the tables and this test's own arrays.
  assert.ok(
    process.memoryUsage().rss < 450 * mebibyte,
    `${process.memoryUsage().rss} bytes resident`,
  );
  const unpacked = listing('sh', ['-c', `zstd -dc < '${file}' | tar -xOf - manifest.json`]);
  assert.match(unpacked, /"chunks": 1000000/);
});
