import assert from 'node:assert/strict';
import { open, truncate } from 'node:fs/promises';
import { test } from 'node:test';

import { piecesOf } from '#archive/chain-image.ts';
import { ArchiveChain } from '#archive/chain.ts';
import { findLostData } from '#archive/lost-data.ts';
import { verifyArchives } from '#archive/verify.ts';
import type { VerifyDamage } from '#core/mover-orders.ts';
import type { VerifyPosition } from '#core/restore-point-marks.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { seededRandom } from '#test/support/random.ts';
import { writeSampleChain, type SamplePoint } from '#test/support/sample-chain.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const signal = new AbortController().signal;
const options = { digester: wasmDigester, codec: nodeCodec, signal };

/** Bytes of the disk that are read from a damaged chunk when this restore point is restored. */
async function lostBytes(
  points: readonly SamplePoint[],
  label: string,
  damage: readonly VerifyDamage[],
): Promise<readonly number[]> {
  await using chain = await ArchiveChain.open(
    points.map(({ path }) => path),
    options,
  );
  const disk = await chain.disk(label);
  const lost: number[] = [];
  for (const piece of piecesOf(disk)) {
    if (piece.layer < 0) continue;
    const { path } = chain.archives[disk.firstArchive + piece.layer]!.file;
    const { table } = disk.layers[piece.layer]!;
    const chunkStart = table.offset(piece.chunk);
    const hit = damage.some(
      (each) =>
        each.path === path &&
        each.member === `disks/${label}.raw` &&
        each.ranges.some((r) => r.offset <= chunkStart && chunkStart < r.offset + r.length),
    );
    if (!hit) continue;
    for (let at = 0; at < piece.length; at += 512) lost.push(piece.diskOffset + at);
  }
  return lost;
}

for (const seed of [1, 2, 3, 4])
  test(`what is lost is what would be read from damaged chunks (seed ${seed})`, async () => {
    await using dir = await temporaryFolder();
    const random = seededRandom(seed);
    const points = await writeSampleChain({
      dir: dir.path,
      random,
      compressions: ['none', 'none', 'none', 'none', 'none'],
      changesEach: 20,
    });
    for (const { path } of points.slice(0, 3)) {
      await using file = await open(path, 'r+');
      const { size } = await file.stat();
      for (let i = 0; i < 3; i++)
        await file.write(Buffer.from('damaged!'), 0, 8, 40_000 + random.below(size / 2));
    }
    const files = points.map(({ path }) => path);
    const { damage } = await verifyArchives(files, options);
    assert.ok(damage.every(({ member }) => member !== ''));
    const lost = await findLostData(files, damage, options);
    for (const [i, point] of points.entries()) {
      assert.equal(lost[i]!.path, point.path);
      for (const { label } of point.header.disks) {
        const found = lost[i]!.areas.find((each) => each.label === label)?.ranges ?? [];
        const told = found.flatMap(({ offset, length }) =>
          Array.from({ length: Math.ceil(length / 512) }, (_, k) => offset + k * 512),
        );
        const expected = await lostBytes(points.slice(0, i + 1), label, damage);
        assert.deepEqual(told, expected, `${label} of point ${i}`);
      }
    }
  });

test('behind an archive that does not open everything is lost, and a broken link too', async () => {
  await using dir = await temporaryFolder();
  const points = await writeSampleChain({
    dir: dir.path,
    random: seededRandom(5),
    compressions: ['zstd', 'zstd', 'zstd'],
  });
  const files = points.map(({ path }) => path);
  await truncate(files[1]!, 5000);
  const { damage } = await verifyArchives(files, options);
  const lost = await findLostData(files, damage, options);
  assert.deepEqual(
    lost.map(({ whole }) => whole),
    [false, true, true],
  );
});

test('an archive is checked in parts like at once', async () => {
  await using dir = await temporaryFolder();
  const [point] = await writeSampleChain({
    dir: dir.path,
    random: seededRandom(6),
    compressions: ['none'],
  });
  const { path } = point!;
  {
    await using file = await open(path, 'r+');
    for (const at of [100_000, 700_000, 1_200_000])
      await file.write(Buffer.from('damage'), 0, 6, at);
  }
  const whole = await verifyArchives([path], options);
  assert.equal(whole.next, undefined);
  const ranges: VerifyDamage['ranges'][number][] = [];
  let from: VerifyPosition | undefined;
  let checkedBytes = 0;
  let parts = 0;
  do {
    const part = await verifyArchives([path], {
      ...options,
      part: { mostBytes: 200_000, ...(from === undefined ? {} : { from }) },
    });
    checkedBytes += part.checkedBytes;
    ranges.push(...part.damage.flatMap((each) => each.ranges));
    from = part.next;
    parts++;
  } while (from !== undefined);
  assert.ok(parts > 3);
  assert.equal(checkedBytes, whole.checkedBytes);
  assert.deepEqual(
    ranges,
    whole.damage.flatMap((each) => each.ranges),
  );
});
