import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { ArchiveReader } from '#archive/archive-reader.ts';
import { verifyArchives, type Findings } from '#archive/verify.ts';
import { ColdframeError } from '#core/error.ts';
import { wholeDisk } from '#core/extents.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { sampleHeader, writeSample } from '#test/support/archive-samples.ts';
import { seededRandom } from '#test/support/random.ts';
import { writeSampleChain } from '#test/support/sample-chain.ts';
import { mixedDisk, randomExtents } from '#test/support/sample-disks.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const { signal } = new AbortController();
const ports = { digester: wasmDigester, codec: nodeCodec, signal };

async function smallArchive(file: string, compression: 'none' | 'zstd'): Promise<void> {
  const random = seededRandom(9);
  const capacityBytes = 96 * 1024;
  const disks = [
    { label: 'a', data: mixedDisk(random, capacityBytes), extents: wholeDisk(capacityBytes) },
    {
      label: 'b',
      data: mixedDisk(random, capacityBytes),
      extents: randomExtents(random, { capacityBytes, count: 9, maxBytes: 4096 }),
    },
  ];
  const header = sampleHeader(disks, { compression, chunkBytes: 8192 });
  await writeSample({ path: file, header, disks, slotBytes: 16384 });
}

test('a sound chain is found sound, every byte of it', async () => {
  await using dir = await temporaryFolder();
  const compressions = ['zstd', 'none', 'zstd', 'none'] as const;
  const points = await writeSampleChain({ dir: dir.path, random: seededRandom(3), compressions });
  let reported = 0;
  const files = points.map((point) => point.path);
  const findings = await verifyArchives(files, {
    ...ports,
    onBytes: (bytes) => (reported += bytes),
  });
  assert.deepEqual(findings.damage, []);
  assert.ok(findings.checkedBytes > 1024 * 1024);
  assert.equal(reported, findings.checkedBytes);
});

test('links to another copy of the parent are damage', async () => {
  await using dir = await temporaryFolder();
  await using other = await temporaryFolder();
  const compressions = ['none', 'none'] as const;
  const points = await writeSampleChain({ dir: dir.path, random: seededRandom(3), compressions });
  const others = await writeSampleChain({ dir: other.path, random: seededRandom(4), compressions });
  const findings = await verifyArchives([points[0]!.path, others[1]!.path], ports);
  assert.equal(findings.damage.length, 1);
  assert.match(findings.damage[0]!.message, /seals differ/);
});

for (const compression of ['none', 'zstd'] as const) {
  test(`any flipped bit is found (${compression})`, async () => {
    await using dir = await temporaryFolder();
    const sound = dir.join('sound.tar');
    await smallArchive(sound, compression);
    const bytes = await readFile(sound);
    const random = seededRandom(4711);
    const file = dir.join('flipped.tar');
    for (let round = 0; round < 400; round++) {
      const at = random.below(bytes.length);
      const bit = random.below(8);
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << bit;
      await writeFile(file, flipped);
      const { damage } = await verifyArchives([file], ports);
      const where = `bit ${bit} of byte ${at}`;
      if (compression === 'zstd' && damage.length === 0) await assertHarmless(file, sound, where);
      else assert.ok(damage.length > 0, where);
      for (const { message, path } of damage) {
        assert.ok(message.length > 20, where);
        assert.equal(path, file);
      }
    }
  });

  test(`any truncation is found (${compression})`, async () => {
    await using dir = await temporaryFolder();
    const sound = dir.join('sound.tar');
    await smallArchive(sound, compression);
    const bytes = await readFile(sound);
    const random = seededRandom(815);
    const lengths = [
      0,
      1,
      3,
      4,
      511,
      512,
      513,
      bytes.length - 1,
      bytes.length - 512,
      bytes.length - 1024,
    ];
    while (lengths.length < 120) lengths.push(random.below(bytes.length));
    const file = dir.join('cut.tar');
    for (const length of lengths) {
      await writeFile(file, bytes.subarray(0, length));
      await assert.rejects(ArchiveReader.open(file, ports), isClear, `${length} bytes`);
      const { damage } = await verifyArchives([file], ports);
      assert.equal(damage.length, 1, `${length} bytes`);
    }
    await writeFile(file, Buffer.concat([bytes, Buffer.alloc(512)]));
    await assert.rejects(ArchiveReader.open(file, ports), isClear, 'longer');
  });
}

/** zstd has bits that do not matter (an unused bit, a larger window): then all that is read must be the same. */
async function assertHarmless(file: string, sound: string, where: string): Promise<void> {
  await using flipped = await ArchiveReader.open(file, ports);
  await using original = await ArchiveReader.open(sound, ports);
  assert.equal(flipped.tar.size, original.tar.size, where);
  const size = flipped.tar.size;
  assert.ok((await flipped.tar.read(0, size)).equals(await original.tar.read(0, size)), where);
}

function isClear(error: unknown): boolean {
  assert.ok(error instanceof ColdframeError, String(error));
  assert.ok(['archive-damaged', 'invalid-input'].includes(error.code), error.code);
  assert.match(error.message, /cut short|not a coldframe archive|empty|ends at byte|damaged/);
  return true;
}

test('damage is told by place: a disk loses what was hit and no more', async () => {
  await using dir = await temporaryFolder();
  const file = dir.join('a.tar');
  await smallArchive(file, 'none');
  const bytes = await readFile(file);
  await using sound = await ArchiveReader.open(file, ports);
  const disk = await sound.disk('a');
  const hit = disk.locate(5).fileOffset;
  bytes[hit + 100]! ^= 1;
  bytes[disk.locate(6).fileOffset]! ^= 1;
  bytes[disk.locate(9).fileOffset]! ^= 1;
  await writeFile(file, bytes);
  const findings: Findings = await verifyArchives([file], ports);
  assert.deepEqual(
    findings.damage.map(({ member, ranges }) => ({ member, ranges })),
    [
      {
        member: 'disks/a.raw',
        ranges: [
          { offset: 5 * 8192, length: 2 * 8192 },
          { offset: 9 * 8192, length: 8192 },
        ],
      },
    ],
  );
  await using damaged = await ArchiveReader.open(file, ports);
  const read = await damaged.disk('a');
  await assert.rejects(read.readChunk(5), {
    code: 'digest-mismatch',
    message: /bytes 40960 to 49151/,
  });
  assert.ok(await read.readChunk(4));
});

test('stopping stops', async () => {
  await using dir = await temporaryFolder();
  const file = dir.join('a.tar');
  await smallArchive(file, 'none');
  const stop = new AbortController();
  const reason = new ColdframeError('cancelled', 'Stopped.');
  const onBytes = (): void => stop.abort(reason);
  await assert.rejects(verifyArchives([file], { ...ports, signal: stop.signal, onBytes }), reason);
});
