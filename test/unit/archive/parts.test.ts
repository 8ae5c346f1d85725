import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pack } from 'tar-stream';

import { ByteSpool } from '#archive/byte-spool.ts';
import { ChunkTable, chunkRowBytes } from '#archive/chunk-table.ts';
import {
  aligningComment,
  parsePax,
  paxBodyBytes,
  paxHeaderBytes,
  type PaxRecords,
} from '#archive/pax.ts';
import { seekEntry, SeekTable, seekTableBytes, seekTableEnds } from '#archive/seek-table.ts';
import { SparseMapParser, sparseMapBytes, sparseMapText } from '#archive/sparse-map.ts';
import { decodeTarHeader } from '#archive/tar-header.ts';
import { seededRandom } from '#test/support/random.ts';
import { randomExtents } from '#test/support/sample-disks.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

async function packed(size: number, pax?: PaxRecords): Promise<Buffer> {
  const stream = pack();
  const header = { name: 'disks/x', size, mode: 0o600, mtime: new Date(0), type: 'file' } as const;
  stream.entry(pax === undefined ? header : { ...header, pax }).on('error', () => undefined);
  const parts: Buffer[] = [];
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
    const last = parts.at(-1)!;
    // With pax: header, records, padding, header.
    if (pax === undefined || (last.length === 512 && parts.length > 2 && last[156] === 0x30)) break;
  }
  return Buffer.concat(parts);
}

test('the length of pax headers is what tar-stream writes, for values of any length', async () => {
  for (let dots = 0; dots < 1200; dots += 7) {
    const pax = { comment: '.'.repeat(dots) };
    const bytes = await packed(5, pax);
    const records = { path: 'disks/x', ...pax };
    assert.equal(bytes.length, paxHeaderBytes(records), `${dots} dots`);
    const body = bytes.subarray(512, 512 + paxBodyBytes(records));
    assert.deepEqual(Object.fromEntries(parsePax(body)!), records);
  }
});

test('a padding comment puts the data on a 4 KiB boundary', () => {
  for (let block = 0; block < 8; block++)
    for (let name = 1; name < 700; name += 3) {
      const records = { path: 'p'.repeat(name) };
      for (const map of [512, 1024, 4096]) {
        const comment = aligningComment(records, block * 512, map);
        const padded = comment === undefined ? records : { ...records, comment };
        assert.equal(
          (block * 512 + paxHeaderBytes(padded) + map) % 4096,
          0,
          `${block} ${name} ${map}`,
        );
        assert.ok((comment?.length ?? 0) < 8192);
      }
    }
});

test('only whole, well-formed pax records are taken', () => {
  assert.deepEqual([...parsePax(Buffer.from('9 path=a\n'))!], [['path', 'a']]);
  for (const bad of [
    '9 path=a',
    '8 path=a\n',
    '11 path=a\n',
    'x path=a\n',
    '09 path=a\n',
    '7 path\n',
    '9=',
    '99999999999 a=b\n',
  ])
    assert.equal(parsePax(Buffer.from(bad)), undefined, bad);
});

test('headers of any size are decoded, and nothing else is', async () => {
  for (const size of [0, 1, 511, 8 * 1024 ** 3 - 1, 8 * 1024 ** 3, 62 * 1024 ** 4]) {
    const block = await packed(size);
    assert.deepEqual(decodeTarHeader(block), { name: 'disks/x', size, type: '0' });
    for (let bit = 0; bit < 512 * 8; bit += 5) {
      const flipped = Buffer.from(block);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(decodeTarHeader(flipped), undefined, `size ${size}, bit ${bit}`);
    }
  }
  assert.equal(decodeTarHeader(Buffer.alloc(512)), undefined);
  assert.equal(decodeTarHeader(Buffer.alloc(100)), undefined);
});

test('a sparse map says how long it is, and parses back in any pieces', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed);
    const capacityBytes = 512 * (1 + random.below(2 ** 20)) * (1 + random.below(2 ** 16));
    const extents = randomExtents(random, {
      capacityBytes,
      count: random.below(9000),
      maxBytes: 65536,
    });
    const text = Buffer.concat([...sparseMapText(extents, capacityBytes)]);
    assert.equal(text.length, sparseMapBytes(extents, capacityBytes), `seed ${seed}`);
    const regions: number[] = [];
    const parser = new SparseMapParser((offset, length) => regions.push(offset, length));
    for (let at = 0; at < text.length;) {
      const piece = text.subarray(at, at + 1 + random.below(5000));
      assert.ok(parser.push(piece));
      at += piece.length;
    }
    assert.ok(parser.complete);
    if (regions.at(-1) === 0) assert.equal(regions.splice(-2)[0], capacityBytes);
    assert.deepEqual(regions, [...extents], `seed ${seed}`);
  }
});

test('what is not a sparse map is refused', () => {
  for (const bad of [
    'x',
    '1\n0\n-1\n',
    '1\n\n',
    '1\n0\n512\n7',
    '99999999999999999999\n',
    '1 0\n',
  ]) {
    assert.equal(new SparseMapParser(() => undefined).push(Buffer.from(bad)), false, bad);
  }
  const cut = new SparseMapParser(() => undefined);
  assert.ok(cut.push(Buffer.from('2\n0\n512\n')));
  assert.equal(cut.complete, false);
});

test('a spool gives back what it got, from memory and from its file', async () => {
  await using dir = await temporaryFolder();
  const random = seededRandom(6);
  using spool = new ByteSpool({ dir: dir.path, memoryBytes: 1024 * 1024 });
  const parts = Array.from({ length: 300 }, () => {
    const part = Buffer.alloc(1 + random.below(40_000));
    random.fill(part.subarray(0, 64));
    return part;
  });
  for (const part of parts) spool.append(part);
  const all = Buffer.concat(parts);
  assert.equal(spool.length, all.length);
  for (let reads = 0; reads < 2; reads++) assert.ok(Buffer.concat([...spool.read()]).equals(all));
});

test('a seek table finds frames, and bad ones are refused', () => {
  const sizes: readonly [number, number][] = [
    [100, 1000],
    [50, 1],
    [70, 4096],
  ];
  const entries = Buffer.concat(sizes.map(([stored, decoded]) => seekEntry(stored, decoded)));
  const { head, foot } = seekTableEnds(entries.length);
  const table = Buffer.concat([head, entries, foot]);
  assert.equal(seekTableBytes(table.subarray(-9)), table.length);
  const seek = new SeekTable(table, 4096);
  assert.deepEqual([seek.count, seek.storedBytes, seek.decodedBytes], [3, 220, 5097]);
  assert.deepEqual(
    [0, 999, 1000, 1001, 5096].map((at) => seek.frameAt(at)),
    [0, 0, 1, 2, 2],
  );
  assert.throws(() => new SeekTable(table, 4095), RangeError);
  assert.throws(
    () => new SeekTable(Buffer.concat([Buffer.alloc(8), entries, foot]), 4096),
    RangeError,
  );
  assert.equal(seekTableBytes(Buffer.alloc(9)), undefined);
});

test('chunk tables that overlap, leave the disk or the grid are refused', () => {
  const table = (...rows: [number, number][]): ChunkTable => {
    const bytes = Buffer.alloc(rows.length * chunkRowBytes);
    for (const [index, [offset, length]] of rows.entries()) {
      bytes.writeBigUInt64LE(BigInt(offset), index * chunkRowBytes);
      bytes.writeUInt32LE(length, index * chunkRowBytes + 8);
    }
    return new ChunkTable(bytes, { capacityBytes: 2 ** 45, chunkBytes: 4096 });
  };
  const far = 2 ** 45 - 4096;
  const good = table([0, 4096], [4096, 512], [far, 4096]);
  assert.deepEqual([good.offset(2), good.position(2), good.mappedBytes], [far, 4608, 8704]);
  assert.deepEqual(
    [0, 4095, 4607, 4608, far, far + 4096].map((at) => good.firstEndingAfter(at)),
    [0, 0, 1, 2, 2, 3],
  );
  const bad: readonly [number, number][][] = [
    [[0, 0]],
    [[0, 4608]],
    [[512, 4096]],
    [
      [0, 1024],
      [512, 512],
    ],
    [
      [4096, 512],
      [0, 512],
    ],
    [[far, 8192]],
    [[2 ** 50, 512]],
  ];
  for (const rows of bad) assert.throws(() => table(...rows), RangeError, JSON.stringify(rows));
  assert.throws(
    () => new ChunkTable(Buffer.alloc(43), { capacityBytes: 1, chunkBytes: 4096 }),
    RangeError,
  );
});
