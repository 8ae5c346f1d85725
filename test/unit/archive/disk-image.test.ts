import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ArchiveChain } from '#archive/chain.ts';
import { ChunkCache } from '#archive/chunk-cache.ts';
import { DiskImage } from '#archive/disk-image.ts';
import type { DiskReader } from '#archive/disk-reader.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { seededRandom } from '#test/support/random.ts';
import { writeSampleChain } from '#test/support/sample-chain.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const compressions = ['zstd', 'none', 'zstd', 'zstd'] as const;

test('many readers at once see the disk of a chain, and its map tells no lies', async () => {
  await using dir = await temporaryFolder();
  const random = seededRandom(7);
  const points = await writeSampleChain({ dir: dir.path, random, compressions });
  const state = points.at(-1)!.states.get('system')!;
  let aside = 0;
  const codec = {
    ...nodeCodec,
    decompressAside: (frame: Uint8Array, size: number) => {
      aside++;
      return Promise.resolve(nodeCodec.decompress(frame, size));
    },
  };
  await using chain = await ArchiveChain.open(
    points.map(({ path }) => path),
    { digester: wasmDigester, codec },
  );
  const image = new DiskImage(await chain.disk('system'), new ChunkCache(200_000));
  const reads = Array.from({ length: 60 }, async () => {
    const offset = random.below(state.length);
    const target = Buffer.alloc(random.below(Math.min(100_000, state.length - offset)), 0xee);
    await image.fill(target, offset);
    assert.ok(target.equals(state.subarray(offset, offset + target.length)));
  });
  await Promise.all(reads);
  assert.ok(aside > 0);

  let at = 0;
  for (const { length, kind } of image.states({ offset: 0, length: state.length }, Infinity)) {
    if (kind !== 'data') assert.ok(state.subarray(at, at + length).every((byte) => byte === 0));
    at += length;
  }
  assert.equal(at, state.length);
  assert.equal(image.states({ offset: 0, length: state.length }, 3).length, 3);

  const covered = Buffer.alloc(state.length);
  const extents = image.dataExtents();
  for (let i = 0; i < extents.length; i += 2)
    state.copy(covered, extents[i], extents[i], extents[i]! + extents[i + 1]!);
  assert.ok(covered.equals(state));
});

test('the cache reads a chunk once, forgets the oldest, and does not keep failures', async () => {
  const reads: number[] = [];
  let fails = false;
  const disk = {
    table: { length: () => 100 },
    readChunk: (index: number) => {
      reads.push(index);
      return fails ? Promise.reject(new Error('bad')) : Promise.resolve(Buffer.alloc(100, index));
    },
  } as unknown as DiskReader;
  const cache = new ChunkCache(250);
  const [one, same] = await Promise.all([cache.chunk(disk, 1), cache.chunk(disk, 1)]);
  assert.equal(one, same);
  await cache.chunk(disk, 2);
  await cache.chunk(disk, 1);
  await cache.chunk(disk, 3); // 2 is the oldest and goes
  await cache.chunk(disk, 1);
  await cache.chunk(disk, 2);
  assert.deepEqual(reads, [1, 2, 3, 2]);
  fails = true;
  await assert.rejects(cache.chunk(disk, 9));
  fails = false;
  assert.equal((await cache.chunk(disk, 9))[0], 9);
});

test('a small chunk does not hold on to the frame that it came from', async () => {
  const frame = Buffer.alloc(1_000_000, 7);
  const disk = {
    table: { length: () => 512 },
    readChunk: () => Promise.resolve(frame.subarray(512, 1024)),
  } as unknown as DiskReader;
  const chunk = await new ChunkCache(1024).chunk(disk, 0);
  assert.ok(chunk.equals(Buffer.alloc(512, 7)));
  assert.notEqual(chunk.buffer, frame.buffer);
});
