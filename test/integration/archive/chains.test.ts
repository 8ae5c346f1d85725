import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readDisk } from '#archive/chain-image.ts';
import { ArchiveChain } from '#archive/chain.ts';
import type { Compression } from '#core/restore-point.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { seededRandom, type Random } from '#test/support/random.ts';
import { writeSampleChain } from '#test/support/sample-chain.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const ports = { digester: wasmDigester, codec: nodeCodec };

function pick(random: Random): Compression {
  return random.below(2) === 0 ? 'zstd' : 'none';
}

for (let seed = 1; seed <= 8; seed++) {
  test(`every point of a random chain reads back as it was (seed ${seed})`, async () => {
    await using dir = await temporaryFolder();
    const random = seededRandom(seed);
    const compressions = Array.from({ length: 6 }, () => pick(random));
    const points = await writeSampleChain({ dir: dir.path, random, compressions });
    for (const [index, point] of points.entries()) {
      const files = points.slice(0, index + 1).map((each) => each.path);
      await using chain = await ArchiveChain.open(files.toReversed(), ports);
      assert.deepEqual(
        chain.archives.map((archive) => archive.header.id),
        points.slice(0, index + 1).map((each) => each.header.id),
      );
      for (const [label, state] of point.states) {
        const disk = await chain.disk(label);
        assert.equal(disk.capacityBytes, state.length);
        const whole = await readDisk(disk, 0, state.length);
        assert.ok(whole.equals(state), `disk ${label} at point ${index}`);
        const offset = random.below(state.length - 1);
        const length = 1 + random.below(state.length - offset);
        const part = await readDisk(disk, offset, length);
        assert.ok(part.equals(state.subarray(offset, offset + length)), `part of ${label}`);
      }
    }
  });
}

test('a chain with a hole, a stranger or another copy is refused', async () => {
  await using dir = await temporaryFolder();
  await using other = await temporaryFolder();
  const compressions = ['none', 'none', 'none'] as const;
  const points = await writeSampleChain({ dir: dir.path, random: seededRandom(1), compressions });
  const copies = await writeSampleChain({ dir: other.path, random: seededRandom(2), compressions });
  const [full, first, second] = points.map((point) => point.path) as [string, string, string];
  const refused: readonly [readonly string[], string, RegExp][] = [
    [[full, second], 'chain-broken', /missing/],
    [[full, first, copies[2]!.path], 'chain-broken', /seals differ/],
    [[full, first, full], 'invalid-input', /twice/],
    [[], 'invalid-input', /at least one/],
  ];
  for (const [files, code, message] of refused)
    await assert.rejects(ArchiveChain.open(files, ports), { code, message });
  await using tail = await ArchiveChain.open([first, second], ports);
  await assert.rejects(tail.disk('system'), { code: 'chain-broken', message: /point0/ });
  // "data" was read in full in the third archive and needs no other.
  assert.ok(await tail.disk('data'));
});
