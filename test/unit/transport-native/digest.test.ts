import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

import { blake3 as reference } from 'hash-wasm';

import { ColdframeError } from '#core/error.ts';
import { Blake3, blake3, isZero } from '#transport/native/digest.ts';
import { zstdDecode, zstdFrame } from '#transport/native/zstd.ts';

import { dice, mixedBytes } from './disk-fixture.ts';

test('blake3 agrees with an independent implementation for random lengths', async () => {
  const roll = dice(20);
  const lengths = Array.from({ length: 60 }, () => roll(1 << (4 + roll(19))));
  for (const length of [0, 1, 4 * 1024 * 1024 + 3, ...lengths]) {
    const bytes = mixedBytes(length, length + 1);
    assert.equal(blake3(bytes).toString('hex'), await reference(bytes), `length ${length}`);
  }
});

test('Blake3 does not depend on how the stream is cut', async () => {
  const roll = dice(3);
  const bytes = mixedBytes(3_000_001, 9);
  const hasher = new Blake3();
  for (let at = 0; at < bytes.length;) {
    const length = 1 + roll(300_000);
    hasher.update(bytes.subarray(at, at + length));
    at += length;
  }
  assert.equal(hasher.digest().toString('hex'), await reference(bytes));
});

test('frames go both ways between our encoder and stock zstd', () => {
  for (const length of [0, 1, 65_536, 1_048_576, 1_500_000]) {
    const bytes = mixedBytes(length, 5);
    const frame = zstdFrame(bytes, 1);
    assert.ok(zstdDecompressSync(frame).equals(bytes));
    assert.ok(zstdDecode(frame, length).equals(bytes));
    assert.ok(zstdDecode(zstdCompressSync(bytes), length).equals(bytes));
  }
});

test('a damaged frame is an error that says so', () => {
  const frame = zstdFrame(mixedBytes(100_000, 5), 1);
  frame[frame.length - 1]! ^= 1;
  assert.throws(
    () => zstdDecode(frame, 100_000),
    (error) => error instanceof ColdframeError && error.code === 'archive-damaged',
  );
});

test('isZero sees one bit', () => {
  const bytes = Buffer.alloc(100_000);
  assert.ok(isZero(bytes));
  bytes[99_999] = 1;
  assert.ok(!isZero(bytes));
});
