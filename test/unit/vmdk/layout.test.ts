import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ColdframeError } from '#core/error.ts';
import { wholeDisk } from '#core/extents.ts';
import { descriptor } from '#vmdk/descriptor.ts';
import { grainBatches } from '#vmdk/grain-batches.ts';
import { grainRecord, metadataMarker, sparseHeader } from '#vmdk/layout.ts';

const identity = { contentId: 'deadbeef', longContentId: '000102030405060708090a0bdeadbeef' };

test('the header has the published fields at the published places', () => {
  const header = sparseHeader(0x1_0000_0080, 7n);
  assert.equal(header.length, 512);
  assert.equal(header.toString('latin1', 0, 4), 'KDMV');
  assert.equal(header.readUInt32LE(4), 3);
  assert.equal(header.readUInt32LE(8), 0x30001);
  assert.equal(header.readBigUInt64LE(12), 0x1_0000_0080n);
  assert.equal(header.readBigUInt64LE(20), 128n);
  assert.equal(header.readUInt32LE(44), 512);
  assert.equal(header.readBigUInt64LE(56), 7n);
  assert.deepEqual([...header.subarray(72, 77)], [0, 0x0a, 0x20, 0x0d, 0x0a]);
  assert.equal(header.readUInt16LE(77), 1);
});

test('records fill whole sectors', () => {
  const record = grainRecord(2 ** 33, Buffer.alloc(500, 1));
  assert.equal(record.length, 512);
  assert.equal(record.readBigUInt64LE(0), 2n ** 33n);
  assert.equal(record.readUInt32LE(8), 500);
  assert.equal(grainRecord(0, Buffer.alloc(501, 1)).length, 1024);
  const marker = metadataMarker(3, 1);
  assert.deepEqual(
    [marker.readBigUInt64LE(0), marker.readUInt32LE(8), marker.readUInt32LE(12)],
    [1n, 0, 3],
  );
});

test('the descriptor names the file and refuses names that would break out of it', () => {
  const options = { capacitySectors: 128, fileName: 'a b.vmdk', identity, hardwareVersion: 14 };
  const text = descriptor(options).toString();
  assert.match(text, /^RW 128 SPARSE "a b\.vmdk"$/m);
  assert.match(text, /^CID=deadbeef$/m);
  assert.match(text, /^ddb\.geometry\.cylinders = "1"$/m);
  for (const fileName of ['a"b', 'a\nCID=1', 'x'.repeat(20_000)])
    assert.throws(
      () => descriptor({ ...options, fileName }),
      (error: ColdframeError) => error.code === 'invalid-input',
    );
});

test('batches cover each touched grain once, in order', () => {
  const grain = 65_536;
  const batches = [...grainBatches(Float64Array.of(1, 1, grain - 1, 2, 40 * grain, 1), 41 * grain)];
  assert.deepEqual(batches, [
    { firstGrain: 0, count: 2 },
    { firstGrain: 40, count: 1 },
  ]);
  assert.deepEqual(
    [...grainBatches(wholeDisk(33 * grain + 512), 33 * grain + 512)],
    [
      { firstGrain: 0, count: 32 },
      { firstGrain: 32, count: 2 },
    ],
  );
  assert.deepEqual([...grainBatches(wholeDisk(0), 0)], []);
});
