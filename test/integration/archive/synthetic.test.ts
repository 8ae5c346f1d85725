import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { ArchiveChain } from '#archive/chain.ts';
import { proveSyntheticFull } from '#archive/synthetic-full.ts';
import { extractDisks } from '#archive/tool-extract.ts';
import { verifyArchives } from '#archive/verify.ts';
import type { Compression } from '#core/restore-point.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { seededRandom } from '#test/support/random.ts';
import { writeSampleChain, type SamplePoint } from '#test/support/sample-chain.ts';
import { writeSynthetic } from '#test/support/synthetic-sample.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const signal = new AbortController().signal;
const options = { digester: wasmDigester, codec: nodeCodec, signal };

function pathsOf(points: readonly SamplePoint[]): string[] {
  return points.map(({ path }) => path);
}

async function sameDisks(
  files: readonly string[],
  point: SamplePoint,
  outDir: string,
): Promise<void> {
  const extracted = await extractDisks({ ...options, files, outDir });
  assert.equal(extracted.length, point.header.disks.length);
  for (const { label, path } of extracted)
    assert.ok((await readFile(path)).equals(point.states.get(label)!), `${label} of ${outDir}`);
}

for (const [seed, kinds] of [
  [1, ['zstd', 'zstd', 'zstd', 'zstd', 'zstd']],
  [2, ['none', 'none', 'none', 'none']],
  [3, ['zstd', 'none', 'none', 'zstd']],
  [4, ['none', 'zstd', 'zstd', 'none', 'zstd', 'none']],
] as const)
  test(`synthetic fulls anywhere in a chain are the chain, byte for byte (seed ${seed})`, async () => {
    await using dir = await temporaryFolder();
    const compressions: readonly Compression[] = kinds;
    const points = await writeSampleChain({
      dir: dir.path,
      random: seededRandom(seed),
      compressions,
      capacityBytes: 3 * 1024 * 1024 + 512,
    });
    const before = await Promise.all(pathsOf(points).map(hashOf));
    for (let k = 1; k < points.length; k++) {
      const file = dir.join(`synthetic-${k}`);
      const { bytes } = await writeSynthetic(points.slice(0, k + 1), file);
      const clean = await verifyArchives([file], options);
      assert.deepEqual(clean.damage, []);
      assert.equal(clean.checkedBytes, bytes.copiedBytes + bytes.rebuiltBytes);
      if (new Set(compressions).size === 1)
        assert.ok(bytes.copiedBytes > 0 && bytes.rebuiltBytes > 0, JSON.stringify(bytes));
      await sameDisks([file], points[k]!, dir.join(`alone-${k}`));
      // What was built on the replaced one is restored from the new one.
      const later = points.slice(k + 1);
      const files = [...pathsOf(later), file];
      await sameDisks(files, later.at(-1) ?? points[k]!, dir.join(`later-${k}`));
      assert.deepEqual((await verifyArchives(files, options)).damage, []);
    }
    assert.deepEqual(await Promise.all(pathsOf(points).map(hashOf)), before);
  });

test('a synthetic full of a synthetic chain, and once more', async () => {
  await using dir = await temporaryFolder();
  const points = await writeSampleChain({
    dir: dir.path,
    random: seededRandom(9),
    compressions: ['zstd', 'zstd', 'zstd', 'zstd', 'zstd', 'zstd'],
  });
  const first = dir.join('first.tar.zst');
  const made = await writeSynthetic(points.slice(0, 3), first);
  const standIn: SamplePoint = { ...points[2]!, path: first, header: made.header, seal: made.seal };
  const second = dir.join('second.tar.zst');
  await writeSynthetic([standIn, ...points.slice(3, 5)], second);
  await sameDisks([second, points[5]!.path], points[5]!, dir.join('out'));
});

test('restore.sh takes a synthetic full in the place of the ones that it replaces', async () => {
  await using dir = await temporaryFolder();
  const points = await writeSampleChain({
    dir: dir.path,
    random: seededRandom(5),
    compressions: ['zstd', 'none', 'zstd', 'none'],
  });
  const full = dir.join('synthetic.tar.zst');
  await writeSynthetic(points.slice(0, 3), full);
  await mkdir(dir.join('script'));
  const script = execFileSync('sh', ['-c', `zstd -dc '${full}' | tar -xOf - restore.sh`]);
  const run = spawnSync('sh', ['-s', '--', dir.join('out'), full, points[3]!.path], {
    input: script,
    encoding: 'utf8',
  });
  assert.equal(run.status, 0, run.stderr);
  for (const [label, data] of points[3]!.states)
    assert.ok((await readFile(dir.join('out', `${label}.raw`))).equals(data), label);
  // One that stands in for another restore point does not pass.
  const wrong = spawnSync('sh', ['-s', '--', dir.join('no'), points[0]!.path, points[3]!.path], {
    input: script,
    encoding: 'utf8',
  });
  assert.notEqual(wrong.status, 0);
  assert.match(wrong.stderr, /needs restore point/);
});

test('an archive whose disks differ from the chain is not taken for a synthetic full', async () => {
  await using dir = await temporaryFolder();
  const points = await writeSampleChain({
    dir: dir.path,
    random: seededRandom(6),
    compressions: ['zstd', 'zstd'],
  });
  const stale = dir.join('stale.tar.zst');
  await writeSynthetic(points.slice(0, 1), stale);
  await using chain = await ArchiveChain.open(pathsOf(points), options);
  await assert.rejects(proveSyntheticFull(chain, stale, options), { code: 'digest-mismatch' });
});

test('a stand-in for another copy of the parent is refused', async () => {
  await using dir = await temporaryFolder();
  const points = await writeSampleChain({
    dir: dir.path,
    random: seededRandom(7),
    compressions: ['zstd', 'zstd', 'zstd'],
  });
  const file = dir.join('other.tar.zst');
  await writeSynthetic(points.slice(0, 2), file, {
    header: {
      replaces: { restorePointId: points[1]!.header.id, restorePointSeal: 'ab'.repeat(32) },
    },
  });
  await assert.rejects(ArchiveChain.open([file, points[2]!.path], options), {
    code: 'chain-broken',
  });
});

async function hashOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}
