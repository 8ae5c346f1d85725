import assert from 'node:assert/strict';
import { truncate } from 'node:fs/promises';
import { test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';

import { ColdframeError } from '#core/error.ts';
import { blake3 } from '#transport/native/digest.ts';
import type { ReadStreamOptions } from '#transport/native/read-stream.ts';
import { chunkRowBytes, chunkZeroFlag } from '#transport/native/slot.ts';
import type { Slot } from '#transport/native/slot.ts';
import type { WorkerDisk } from '#transport/native/worker-disk.ts';

import { mixedBytes, randomExtents, startWorker, temporaryFolder } from './disk-fixture.ts';

interface Chunk {
  readonly offset: number;
  readonly length: number;
  readonly allZero: boolean;
  readonly digest: Buffer;
}

function chunksOf(slot: Slot): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at < slot.chunks.length; at += chunkRowBytes) {
    const length = slot.chunks.readUInt32LE(at + 8);
    chunks.push({
      offset: Number(slot.chunks.readBigUInt64LE(at)),
      length: length & ~chunkZeroFlag,
      allZero: (length & chunkZeroFlag) !== 0,
      digest: slot.chunks.subarray(at + 12, at + 44),
    });
  }
  return chunks;
}

/** Reads all and compares each byte, digest, flag and frame with the disk; returns the chunks' ranges. */
async function readAndCheck(disk: WorkerDisk, bytes: Buffer, options: ReadStreamOptions) {
  const seen: Chunk[] = [];
  for await (const { slots } of disk.read(options)) {
    for (const slot of slots) {
      let at = 0;
      for (const chunk of chunksOf(slot)) {
        const expected = bytes.subarray(chunk.offset, chunk.offset + chunk.length);
        assert.ok(slot.data.subarray(at, at + chunk.length).equals(expected));
        assert.ok(chunk.digest.equals(blake3(expected)));
        assert.equal(chunk.allZero, expected.equals(Buffer.alloc(chunk.length)));
        at += chunk.length;
        seen.push(chunk);
      }
      assert.equal(at, slot.data.length);
      assert.equal(
        slot.allZero,
        chunksOf(slot).every(({ allZero }) => allZero),
      );
      assert.equal(slot.frame !== undefined, options.compressLevel !== undefined);
      if (slot.frame !== undefined) assert.ok(zstdDecompressSync(slot.frame).equals(slot.data));
      slot.release();
    }
  }
  return seen;
}

function isCode(code: string) {
  return (error: unknown) => error instanceof ColdframeError && error.code === code;
}

const whole = (bytes: Buffer) => Float64Array.of(0, bytes.length);

test('random extents arrive whole, in order, cut by the grid', async () => {
  await using folder = await temporaryFolder();
  const bytes = mixedBytes(24 * 1024 * 1024 + 512, 7);
  await using worker = await startWorker();
  await using disk = await worker.openBlock({
    path: await folder.file('disk', bytes),
    readOnly: true,
  });
  assert.equal(disk.info.capacityBytes, bytes.length);
  const shapes: Omit<ReadStreamOptions, 'extents'>[] = [
    {},
    { compressLevel: 1 },
    { chunkBytes: 65_536, slotBytes: 262_144, depth: 4, compressLevel: 3 },
    { chunkBytes: 4_194_304 },
  ];
  for (const [seed, shape] of shapes.entries()) {
    const extents = randomExtents(bytes.length, seed + 1);
    const seen = await readAndCheck(disk, bytes, { extents, ...shape });
    const grid = shape.chunkBytes ?? 1_048_576;
    const expected: number[][] = [];
    for (let i = 0; i < extents.length; i += 2) {
      const end = extents[i]! + extents[i + 1]!;
      for (let at = extents[i]!; at < end;) {
        const next = Math.min(end, (Math.floor(at / grid) + 1) * grid);
        expected.push([at, next - at]);
        at = next;
      }
    }
    assert.deepEqual(
      seen.map(({ offset, length }) => [offset, length]),
      expected,
    );
  }
});

test('two streams of two disks run side by side', async () => {
  await using folder = await temporaryFolder();
  await using worker = await startWorker();
  await Promise.all(
    [1, 2].map(async (seed) => {
      const bytes = mixedBytes(16 * 1024 * 1024, seed);
      const path = await folder.file(`disk${seed}`, bytes);
      await using disk = await worker.openBlock({ path, readOnly: true });
      await readAndCheck(disk, bytes, { extents: whole(bytes) });
    }),
  );
});

test('a consumer that leaves early or aborts frees the stream for the next', async () => {
  await using folder = await temporaryFolder();
  const bytes = mixedBytes(64 * 1024 * 1024, 3);
  await using worker = await startWorker();
  await using disk = await worker.openBlock({
    path: await folder.file('disk', bytes),
    readOnly: true,
  });
  // More streams than the ring could hold if one leaked.
  for (let i = 0; i < 60; i++) {
    for await (const { slots } of disk.read({ extents: whole(bytes) })) {
      for (const slot of slots) slot.release();
      break;
    }
  }
  const stop = new AbortController();
  await assert.rejects(async () => {
    for await (const { slots } of disk.read({ extents: whole(bytes), signal: stop.signal })) {
      for (const slot of slots) slot.release();
      stop.abort();
    }
  }, isCode('cancelled'));
  await readAndCheck(disk, bytes, { extents: whole(bytes) });
});

test('an abort ends a reader that waits with all its slots held', async () => {
  await using folder = await temporaryFolder();
  const bytes = mixedBytes(64 * 1024 * 1024, 3);
  await using worker = await startWorker();
  await using disk = await worker.openBlock({
    path: await folder.file('disk', bytes),
    readOnly: true,
  });
  const stop = new AbortController();
  const held: Slot[] = [];
  setTimeout(() => stop.abort(), 200);
  await assert.rejects(async () => {
    for await (const { slots } of disk.read({ extents: whole(bytes), signal: stop.signal })) {
      held.push(...slots);
    }
  }, isCode('cancelled'));
  // Bounded by the pool, and still readable after the end.
  assert.ok(held.length > 0 && held.length <= 48);
  for (const slot of held) {
    assert.ok(blake3(slot.data).equals(chunksOf(slot)[0]!.digest));
    slot.release();
    slot.release();
  }
});

test('an error of the disk carries all that the worker knows', async () => {
  await using folder = await temporaryFolder();
  const bytes = mixedBytes(8 * 1024 * 1024, 3);
  const path = await folder.file('disk', bytes);
  await using worker = await startWorker();
  await using disk = await worker.openBlock({ path, readOnly: true });
  await truncate(path, 4 * 1024 * 1024);
  await assert.rejects(readAndCheck(disk, bytes, { extents: whole(bytes) }), (error) => {
    assert.ok(isCode('disk')(error));
    const { details } = error as ColdframeError;
    assert.equal(details['function'], 'pread');
    assert.equal(details['disk'], path);
    return true;
  });
});

test('extents that make no sense are refused', async () => {
  await using folder = await temporaryFolder();
  const bytes = mixedBytes(1024 * 1024, 3);
  await using worker = await startWorker();
  await using disk = await worker.openBlock({
    path: await folder.file('disk', bytes),
    readOnly: true,
  });
  for (const extents of [[0, 100], [512, 512, 0, 512], [0, 2 * 1024 * 1024], [0]]) {
    await assert.rejects(
      readAndCheck(disk, bytes, { extents: Float64Array.from(extents) }),
      isCode('invalid-input'),
      String(extents),
    );
  }
});

test('memory stays bounded for a map of a million extents of a 2 TiB disk', async () => {
  await using folder = await temporaryFolder();
  const path = await folder.file('disk', Buffer.alloc(0));
  const capacity = 2 * 1024 ** 4;
  await truncate(path, capacity);
  await using worker = await startWorker();
  await using disk = await worker.openBlock({ path, readOnly: true });
  const extents = new Float64Array(2_000_000);
  for (let i = 0; i < 1_000_000; i++) {
    extents[2 * i] = i * 2_097_152;
    extents[2 * i + 1] = 512;
  }
  let chunks = 0;
  let most = 0;
  for await (const { slots } of disk.read({ extents })) {
    for (const slot of slots) {
      chunks += slot.chunks.length / chunkRowBytes;
      slot.release();
    }
    most = Math.max(most, process.memoryUsage.rss());
  }
  assert.equal(chunks, 1_000_000);
  assert.ok(most < 300 * 1024 * 1024, `${most} bytes resident`);
});
