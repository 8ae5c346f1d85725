import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chainPieces } from '#archive/chain-pieces.ts';
import { chunkRowBytes, ChunkTable, zeroFlag } from '#archive/chunk-table.ts';
import type { ExtentList } from '#core/extents.ts';
import { seededRandom } from '#test/support/random.ts';
import { randomExtents } from '#test/support/sample-disks.ts';

const chunkBytes = 4096;

function tableOf(extents: ExtentList, capacityBytes: number, zeroEvery = 0): ChunkTable {
  const rows: number[][] = [];
  for (let i = 0; i < extents.length; i += 2) {
    const end = extents[i]! + extents[i + 1]!;
    for (let at = extents[i]!; at < end;) {
      const next = Math.min(end, (Math.floor(at / chunkBytes) + 1) * chunkBytes);
      rows.push([at, next - at]);
      at = next;
    }
  }
  const bytes = Buffer.alloc(rows.length * chunkRowBytes);
  for (const [index, [offset, length]] of rows.entries()) {
    const zero = zeroEvery > 0 && index % zeroEvery === 0;
    bytes.writeBigUInt64LE(BigInt(offset!), index * chunkRowBytes);
    bytes.writeUInt32LE((length! | (zero ? zeroFlag : 0)) >>> 0, index * chunkRowBytes + 8);
  }
  return new ChunkTable(bytes, { capacityBytes, chunkBytes });
}

test('the newest layer wins, and what nobody maps is zero', () => {
  const layers = [
    tableOf(Float64Array.of(0, 8192), 16384),
    tableOf(Float64Array.of(512, 1024, 12288, 512), 16384),
  ];
  const pieces = [...chainPieces({ layers, capacityBytes: 16384 })];
  assert.deepEqual(
    pieces.map(({ diskOffset, length, layer, chunk, start }) => [
      diskOffset,
      length,
      layer,
      chunk,
      start,
    ]),
    [
      [0, 512, 0, 0, 0],
      [512, 1024, 1, 0, 0],
      [1536, 2560, 0, 0, 1536],
      [4096, 4096, 0, 1, 0],
      [8192, 4096, -1, -1, 0],
      [12288, 512, 1, 1, 0],
      [12800, 3584, -1, -1, 0],
    ],
  );
});

test('a disk that shrank is cut, one that grew ends in zeros', () => {
  const layers = [tableOf(Float64Array.of(0, 8192), 8192)];
  const shrunk = [...chainPieces({ layers, capacityBytes: 5120 })];
  assert.deepEqual(
    shrunk.map((piece) => piece.length),
    [4096, 1024],
  );
  const grown = [...chainPieces({ layers, capacityBytes: 9216 })];
  assert.deepEqual(
    grown.map((piece) => [piece.layer, piece.length]),
    [
      [0, 4096],
      [0, 4096],
      [-1, 1024],
    ],
  );
});

test('an empty disk and no layers at all', () => {
  assert.deepEqual([...chainPieces({ layers: [], capacityBytes: 0 })], []);
  const [only, ...more] = chainPieces({ layers: [], capacityBytes: 1024 });
  assert.equal(only!.layer, -1);
  assert.equal(only!.length, 1024);
  assert.deepEqual(more, []);
});

test('random chains agree with painting one layer over the other', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    const sectors = 64 + random.below(400);
    const capacityBytes = sectors * 512;
    const painted = new Int16Array(sectors).fill(-1);
    const layers = Array.from({ length: 1 + random.below(6) }, (_, index) => {
      const extents = randomExtents(random, {
        capacityBytes,
        count: random.below(12),
        maxBytes: 20_000,
      });
      for (let i = 0; i < extents.length; i += 2)
        painted.fill(index, extents[i]! / 512, (extents[i]! + extents[i + 1]!) / 512);
      return tableOf(extents, capacityBytes, 3);
    });
    const within = randomExtents(random, { capacityBytes, count: 5, maxBytes: 30_000 });
    for (const ranges of [undefined, within]) {
      const seen = new Int16Array(sectors).fill(-2);
      const view = { layers, capacityBytes, ...(ranges === undefined ? {} : { within: ranges }) };
      let previousEnd = 0;
      for (const piece of chainPieces(view)) {
        assert.ok(piece.diskOffset >= previousEnd && piece.length > 0, `seed ${seed}`);
        previousEnd = piece.diskOffset + piece.length;
        seen.fill(piece.layer, piece.diskOffset / 512, previousEnd / 512);
        if (piece.layer >= 0) {
          const table = layers[piece.layer]!;
          assert.equal(table.offset(piece.chunk) + piece.start, piece.diskOffset, `seed ${seed}`);
          assert.ok(previousEnd <= table.end(piece.chunk), `seed ${seed}`);
          assert.equal(piece.zero, table.isZero(piece.chunk), `seed ${seed}`);
        }
      }
      const expected = painted.map((layer, sector) =>
        ranges === undefined || covers(ranges, sector * 512) ? layer : -2,
      );
      assert.deepEqual(seen, expected, `seed ${seed}`);
    }
  }
});

function covers(ranges: ExtentList, offset: number): boolean {
  for (let i = 0; i < ranges.length; i += 2)
    if (offset >= ranges[i]! && offset < ranges[i]! + ranges[i + 1]!) return true;
  return false;
}
