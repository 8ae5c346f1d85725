import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { ColdframeError } from '#core/error.ts';
import { type ExtentList, normaliseExtents, wholeDisk } from '#core/extents.ts';
import { seededRandom } from '#test/support/random.ts';
import {
  encodeStreamOptimized,
  type StreamOptimizedResult,
  type VmdkSource,
} from '#vmdk/stream-optimized.ts';

const run = promisify(execFile);
const grain = 65_536;
const options = {
  fileName: 'disk.vmdk',
  identity: { contentId: 'deadbeef', longContentId: '000102030405060708090a0bdeadbeef' },
  hardwareVersion: 14,
  level: 1,
};

function sourceOf(disk: Buffer, dataExtents: ExtentList = wholeDisk(disk.length)): VmdkSource {
  return {
    capacityBytes: disk.length,
    dataExtents,
    read: async (buffer, offset) => {
      assert.equal(disk.copy(buffer, 0, offset), buffer.length, 'a read beyond the end');
    },
  };
}

async function encode(source: VmdkSource): Promise<StreamOptimizedResult & { file: Buffer }> {
  const encoder = encodeStreamOptimized(source, options);
  const pieces: Buffer[] = [];
  for (;;) {
    const step = await encoder.next();
    if (step.done === true) return { ...step.value, file: Buffer.concat(pieces) };
    pieces.push(step.value);
  }
}

function randomDisk(bytes: number, places: readonly (readonly [number, number])[]): Buffer {
  const disk = Buffer.alloc(bytes);
  const random = seededRandom(bytes);
  for (const [offset, length] of places) random.fill(disk.subarray(offset, offset + length));
  return disk;
}

describe('a streamOptimized VMDK, read back by qemu-img', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coldframe-vmdk-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function assertQemuReads(disk: Buffer, source = sourceOf(disk)) {
    const result = await encode(source);
    assert.equal(result.file.length, result.fileBytes);
    const [raw, vmdk] = [join(folder, 'disk.raw'), join(folder, 'disk.vmdk')];
    await writeFile(raw, disk);
    await writeFile(vmdk, result.file);
    const info = JSON.parse(
      (await run('qemu-img', ['info', '--output=json', '-f', 'vmdk', vmdk])).stdout,
    ) as { 'virtual-size': number };
    assert.equal(info['virtual-size'], disk.length);
    const { stdout } = await run('qemu-img', [
      'compare',
      '-f',
      'raw',
      '-F',
      'vmdk',
      raw,
      vmdk,
    ]).catch((error: { stdout: string }) => assert.fail(`qemu-img compare: ${error.stdout}`));
    assert.match(stdout, /identical/);
    return result;
  }

  const cases: readonly [string, Buffer, number][] = [
    ['all zero', Buffer.alloc(100 * grain), 0],
    ['one grain of random bytes', randomDisk(grain, [[0, grain]]), 1],
    ['a single byte at the very end', randomDisk(70 * grain, [[70 * grain - 1, 1]]), 1],
    ['a byte on each side of a grain border', randomDisk(5 * grain, [[2 * grain - 1, 2]]), 2],
    [
      'data on both sides of a grain table border',
      randomDisk(1030 * grain, [[511 * grain, 2 * grain]]),
      2,
    ],
    [
      'a middle grain table that is empty',
      randomDisk(1600 * grain, [
        [0, 9],
        [1500 * grain, 9],
      ]),
      2,
    ],
    ['random throughout, several batches', randomDisk(75 * grain, [[0, 75 * grain]]), 75],
    ['text that compresses well', Buffer.alloc(40 * grain, 'coldframe '), 40],
  ];
  for (const [name, disk, grains] of cases)
    test(name, async () => {
      const result = await assertQemuReads(disk);
      assert.equal(result.populatedBytes, grains * grain);
    });

  test('a disk that ends inside a grain', async () => {
    const disk = randomDisk(3 * grain + 1024, [[3 * grain - 5, 1029]]);
    await assertQemuReads(disk);
  });

  test('only the data extents are read, and holes may lie inside and outside of grains', async () => {
    const disk = randomDisk(600 * grain, [
      [grain + 100, 10],
      [520 * grain, 3 * grain],
    ]);
    const extents = normaliseExtents([grain + 100, 10, 520 * grain, 3 * grain], disk.length);
    const asked: number[] = [];
    const source = sourceOf(disk, extents);
    await assertQemuReads(disk, {
      ...source,
      read: (buffer, offset) => {
        asked.push(offset / grain, buffer.length / grain);
        return source.read(buffer, offset);
      },
    });
    assert.deepEqual(asked, [1, 1, 520, 3]);
  });

  test('random sparse disks', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const random = seededRandom(seed);
      const sectors = 1 + random.below(4000);
      const disk = Buffer.alloc(sectors * 512);
      for (let i = random.below(20); i > 0; i--) {
        const start = random.below(disk.length);
        random.fill(disk.subarray(start, start + random.below(2 * grain)));
      }
      await assertQemuReads(disk).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error });
      });
    }
  });

  test('a disk of 3 TiB with data at both ends', async () => {
    const capacityBytes = 3 * 2 ** 40;
    const end = capacityBytes - grain;
    const { file, populatedBytes } = await encode({
      capacityBytes,
      dataExtents: Float64Array.of(0, grain, end, grain),
      read: async (buffer, offset) => void buffer.fill(offset === 0 ? 0xa5 : 0x5a),
    });
    assert.equal(populatedBytes, 2 * grain);
    const vmdk = join(folder, 'big.vmdk');
    await writeFile(vmdk, file);
    const reads = [
      `read -P 0xa5 0 ${grain}`,
      `read -P 0 ${grain} ${grain}`,
      `read -P 0 ${end - grain} ${grain}`,
      `read -P 0x5a ${end} ${grain}`,
    ];
    const { stdout } = await run('qemu-io', [
      '-r',
      '-f',
      'vmdk',
      ...reads.flatMap((r) => ['-c', r]),
      vmdk,
    ]);
    assert.equal(stdout.match(/^read 65536\/65536 bytes/gm)?.length, reads.length, stdout);
    assert.doesNotMatch(stdout, /verification failed/);
  });
});

test('a read error reaches the consumer', async () => {
  const source: VmdkSource = {
    capacityBytes: 100 * grain,
    dataExtents: wholeDisk(100 * grain),
    read: async (_buffer, offset) => {
      if (offset > 0) throw new ColdframeError('disk', 'broken');
    },
  };
  await assert.rejects(encode(source), { code: 'disk' });
});

test('a consumer that stops early leaves no read running', async () => {
  let running = 0;
  const source: VmdkSource = {
    capacityBytes: 200 * grain,
    dataExtents: wholeDisk(200 * grain),
    read: async (buffer) => {
      running++;
      await new Promise(setImmediate);
      buffer.fill(1);
      running--;
    },
  };
  let pieces = 0;
  for await (const piece of encodeStreamOptimized(source, options)) {
    assert.ok(piece.length > 0);
    if (++pieces === 3) break;
  }
  assert.equal(running, 0);
});

test('a capacity that is not whole sectors is refused', async () => {
  for (const bytes of [0, -512, 513, Number.NaN])
    await assert.rejects(encode({ ...sourceOf(Buffer.alloc(0)), capacityBytes: bytes }), {
      code: 'invalid-input',
    });
});
