import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { ArchiveWriter } from '#archive/archive-writer.ts';
import type { ArchiveSlot, ByteSink } from '#archive/ports.ts';
import { ColdframeError } from '#core/error.ts';
import { wholeDisk } from '#core/extents.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import {
  sampleHeader,
  sampleSlots,
  writeSample,
  type SampleDisk,
} from '#test/support/archive-samples.ts';
import { fileSink } from '#test/support/file-sink.ts';
import { seededRandom } from '#test/support/random.ts';
import { mixedDisk } from '#test/support/sample-disks.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const chunkBytes = 64 * 1024;
const capacityBytes = 1024 * 1024;

function oneDisk(): SampleDisk {
  return {
    label: 'a',
    data: mixedDisk(seededRandom(1), capacityBytes),
    extents: wholeDisk(capacityBytes),
  };
}

/** Counts how often each slot is released. */
function countedSlots(disk: SampleDisk): { slots: ArchiveSlot[]; released: () => number[] } {
  const counts = new Map<ArchiveSlot, number>();
  const onRelease = (slot: ArchiveSlot): void => void counts.set(slot, counts.get(slot)! + 1);
  const slots = [...sampleSlots(disk, { chunkBytes, slotBytes: 2 * chunkBytes, onRelease })];
  for (const slot of slots) counts.set(slot, 0);
  return { slots, released: () => [...counts.values()] };
}

function writerTo(sink: ByteSink, pendingBytes?: number): ArchiveWriter {
  const options = { sink, digester: wasmDigester, codec: nodeCodec };
  return new ArchiveWriter(pendingBytes === undefined ? options : { ...options, pendingBytes });
}

const nowhere: ByteSink = {
  writev: () => Promise.resolve(),
  hole: () => Promise.resolve(),
  sync: () => Promise.resolve(),
};

const once = (count: number): number[] => Array.from({ length: count }, () => 1);

test('the same input makes the same bytes', async () => {
  await using dir = await temporaryFolder();
  const disks = [oneDisk()];
  const header = sampleHeader(disks);
  await writeSample({ path: dir.join('1.tar'), header, disks });
  await writeSample({ path: dir.join('2.tar'), header, disks });
  const [first, second] = [await readFile(dir.join('1.tar')), await readFile(dir.join('2.tar'))];
  assert.ok(first.equals(second));
});

test('slots are released once each when they are written', async () => {
  const disk = oneDisk();
  const { slots, released } = countedSlots(disk);
  await using writer = writerTo(nowhere);
  await writer.begin(sampleHeader([disk]));
  await writer.beginDisk('a', capacityBytes, disk.extents);
  await writer.writeSlots(slots);
  await writer.endDisk();
  await writer.seal(1);
  assert.deepEqual(released(), once(slots.length));
});

test('a sink that stands still holds the writer back, and an abort frees every slot once', async () => {
  const disk = oneDisk();
  const { slots, released } = countedSlots(disk);
  const stuck = Promise.withResolvers<void>();
  const calls: number[] = [];
  const sink: ByteSink = {
    ...nowhere,
    writev: (buffers) => {
      calls.push(buffers.length);
      return calls.length > 1 ? stuck.promise : Promise.resolve();
    },
  };
  await using writer = writerTo(sink, 128 * 1024);
  await writer.begin(sampleHeader([disk]));
  await writer.beginDisk('a', capacityBytes, disk.extents);
  const writing = writer.writeSlots(slots);
  const first = await Promise.race([
    writing.then(() => 'went on'),
    new Promise((resolve) => setTimeout(resolve, 100, 'waits')),
  ]);
  assert.equal(first, 'waits');
  assert.deepEqual(new Set(released()), new Set([0]), 'no slot is free while the sink has it');
  const reason = new ColdframeError('cancelled', 'Stopped by the test.');
  const aborted = writer.abort(reason);
  stuck.resolve();
  await aborted;
  await assert.rejects(writing, reason);
  assert.deepEqual(released(), once(slots.length));
  await writer.abort(reason);
  assert.deepEqual(released(), once(slots.length));
});

test('what the sink says is what the caller hears', async () => {
  const disk = oneDisk();
  const { slots, released } = countedSlots(disk);
  const full = new ColdframeError('no-space', 'The disk is full.');
  let calls = -100;
  const sink: ByteSink = {
    ...nowhere,
    writev: () => (++calls > 2 ? Promise.reject(full) : Promise.resolve()),
  };
  await using writer = writerTo(sink, 128 * 1024);
  await writer.begin(sampleHeader([disk]));
  await writer.beginDisk('a', capacityBytes, disk.extents);
  calls = 0;
  const write = async (): Promise<void> => {
    await writer.writeSlots(slots);
    await writer.endDisk();
    await writer.seal(1);
  };
  await assert.rejects(write(), full);
  await writer.abort();
  assert.deepEqual(released(), once(slots.length));
});

test('a failing fdatasync is no seal', async () => {
  const eio = new ColdframeError('io', 'The storage lost the data.');
  await using writer = writerTo({ ...nowhere, sync: () => Promise.reject(eio) });
  await writer.begin(sampleHeader([]));
  await assert.rejects(writer.seal(1), eio);
});

test('rows that do not cover the extents end the archive', async () => {
  const disk = oneDisk();
  const spoil: readonly [string, (slots: ArchiveSlot[]) => ArchiveSlot[]][] = [
    ['one slot missing', (slots) => slots.toSpliced(2, 1)],
    [
      'one slot twice',
      (slots) => slots.toSpliced(2, 0, { ...slots[1]!, data: Buffer.from(slots[1]!.data) }),
    ],
    ['wrong order', (slots) => slots.toReversed()],
    ['torn row', ([first, ...rest]) => [{ ...first!, chunks: first!.chunks.subarray(1) }, ...rest]],
    [
      'data too short',
      ([first, ...rest]) => [{ ...first!, data: first!.data.subarray(512) }, ...rest],
    ],
    ['no data', ([first]) => [{ ...first!, data: Buffer.alloc(0), chunks: Buffer.alloc(0) }]],
  ];
  for (const [what, change] of spoil) {
    let releases = 0;
    const slots = [...sampleSlots(disk, { chunkBytes, slotBytes: chunkBytes })];
    const spoiled = change(slots).map((slot) => ({ ...slot, release: () => void releases++ }));
    await using writer = writerTo(nowhere);
    await writer.begin(sampleHeader([disk]));
    await writer.beginDisk('a', capacityBytes, disk.extents);
    await assert.rejects(writer.writeSlots(spoiled), { code: 'internal' }, what);
    assert.equal(releases, spoiled.length, what);
    await assert.rejects(writer.seal(1), { code: 'internal' }, what);
  }
});

test('a disk that ended early is not sealed', async () => {
  const disk = oneDisk();
  const slots = [...sampleSlots(disk, { chunkBytes, slotBytes: chunkBytes })];
  await using writer = writerTo(nowhere);
  await writer.begin(sampleHeader([disk]));
  await writer.beginDisk('a', capacityBytes, disk.extents);
  await writer.writeSlots(slots.slice(0, -1));
  await assert.rejects(writer.endDisk(), { code: 'internal', message: /nothing for the extent/ });
});

test('members and disks come in order or not at all', async () => {
  const disk = oneDisk();
  await using writer = writerTo(nowhere);
  await assert.rejects(writer.addMember('vm/config.xml', Buffer.alloc(1)), { code: 'internal' });
  await writer.begin(sampleHeader([disk]));
  await assert.rejects(writer.begin(sampleHeader([disk])), { code: 'internal' });
  for (const name of [
    '../evil',
    '/etc/passwd',
    'vm/../x',
    'vm/.hidden',
    'disks/b.metadata.json',
    'restore.sh',
  ])
    await assert.rejects(writer.addMember(name, Buffer.alloc(1)), { code: 'invalid-input' }, name);
  await assert.rejects(writer.beginDisk('b', capacityBytes, disk.extents), { code: 'internal' });
  await assert.rejects(writer.beginDisk('a', 512, disk.extents), { code: 'internal' });
  for (const extents of [
    [1, 512],
    [0, 513],
    [1024, 512, 0, 512],
    [0, 512, 512, 512],
    [0, capacityBytes + 512],
  ])
    await assert.rejects(
      writer.beginDisk('a', capacityBytes, Float64Array.from(extents)),
      { code: 'internal' },
      String(extents),
    );
  await assert.rejects(writer.seal(1), { code: 'internal' });
  await writer.addMember('vm/config.xml', Buffer.alloc(1));
  await assert.rejects(writer.addMember('vm/config.xml', Buffer.alloc(1)), {
    code: 'invalid-input',
  });
  await writer.addMember('disks/a.metadata.json', Buffer.from('{}'));
  await assert.rejects(writer.addMember('vm/nvram', Buffer.alloc(1)), { code: 'invalid-input' });
});

test('a header that a reader would refuse is not written', async () => {
  const disk = oneDisk();
  const good = sampleHeader([disk]);
  const bad = [
    { ...good, disks: [{ ...good.disks[0]!, label: '../a' }] },
    { ...good, disks: [good.disks[0]!, { ...good.disks[0]!, label: 'A' }] },
    { ...good, chunkBytes: 1000 },
    { ...good, disks: [{ ...good.disks[0]!, capacityBytes: 2 ** 50 }] },
    { ...good, parent: { id: 'x', seal: 'short' } },
  ];
  for (const header of bad)
    await assert.rejects(writerTo(nowhere).begin(header), { code: 'invalid-input' });
});

test('zero slots of a plain archive are holes', async () => {
  await using dir = await temporaryFolder();
  const disk = { label: 'a', data: Buffer.alloc(capacityBytes), extents: wholeDisk(capacityBytes) };
  await using sink = await fileSink(dir.join('a.tar'));
  await using writer = writerTo(sink);
  await writer.begin(sampleHeader([disk]));
  await writer.beginDisk('a', capacityBytes, disk.extents);
  await writer.writeSlots([...sampleSlots(disk, { chunkBytes, slotBytes: capacityBytes })]);
  const counts = await writer.endDisk();
  await writer.seal(1);
  assert.equal(sink.holes, capacityBytes);
  assert.deepEqual(counts, {
    label: 'a',
    mappedBytes: capacityBytes,
    zeroBytes: capacityBytes,
    chunks: 16,
  });
});
