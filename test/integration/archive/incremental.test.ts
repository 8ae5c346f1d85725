import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

import type { Compression } from '#core/restore-point.ts';
import { mappedOnly, sampleHeader, writeSample } from '#test/support/archive-samples.ts';
import { seededRandom } from '#test/support/random.ts';
import { writeSampleChain } from '#test/support/sample-chain.ts';
import { mixedDisk, randomExtents } from '#test/support/sample-disks.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const tars: Readonly<
  Record<string, (file: string, out: string) => readonly [string, ...string[]]>
> = {
  'GNU tar': (file, out) => ['tar', '-a', '-xf', file, '-C', out],
  bsdtar: (file, out) => ['bsdtar', '-xf', file, '-C', out],
};

for (const [tool, unpack] of Object.entries(tars)) {
  for (let seed = 1; seed <= 6; seed++) {
    test(`${tool} sees what an incremental maps, and holes elsewhere (seed ${seed})`, async () => {
      await using dir = await temporaryFolder();
      const random = seededRandom(seed);
      const capacityBytes = (1 + random.below(4000)) * 512;
      const count = random.below(60);
      const disk = {
        label: 'a',
        data: mixedDisk(random, capacityBytes),
        extents: randomExtents(random, {
          capacityBytes,
          count,
          maxBytes: 1 + random.below(65_536) + 512,
        }),
      };
      const compression = seed % 2 === 0 ? 'zstd' : 'none';
      const file = dir.join(compression === 'zstd' ? 'a.tar.zst' : 'a.tar');
      await writeSample({
        path: file,
        header: sampleHeader([disk], { compression }),
        disks: [disk],
      });
      await mkdir(dir.join('out'));
      const [command, ...args] = unpack(file, dir.join('out'));
      const run = spawnSync(command, args, { encoding: 'utf8' });
      assert.equal(run.stderr, '');
      assert.ok((await readFile(dir.join('out', 'disks', 'a.raw'))).equals(mappedOnly(disk)));
    });
  }
}

for (let seed = 21; seed <= 24; seed++) {
  test(`restore.sh alone rebuilds the end of a random chain (seed ${seed})`, async () => {
    await using dir = await temporaryFolder();
    const random = seededRandom(seed);
    const compressions = Array.from({ length: 4 + random.below(3) }, (): Compression =>
      random.below(2) === 0 ? 'zstd' : 'none',
    );
    const points = await writeSampleChain({
      dir: dir.path,
      random,
      compressions,
      capacityBytes: (200 + random.below(3000)) * 512,
      changesEach: 1 + random.below(30),
    });
    const plain = points.findIndex((point) => point.header.compression === 'none');
    const from = points[Math.max(plain, 0)]!.path;
    execFileSync('tar', ['-a', '-xf', from, '-C', dir.path, 'restore.sh']);
    const files = points.map((point) => point.path);
    const run = spawnSync('sh', [dir.join('restore.sh'), dir.join('out'), ...files], {
      encoding: 'utf8',
    });
    if (plain === -1) assert.equal(run.stderr, '');
    else assert.match(run.stderr, /^restore\.sh: the data of plain .*tool verify.*\n$/);
    assert.equal(run.status, 0, run.stdout);
    for (const [label, state] of points.at(-1)!.states)
      assert.ok((await readFile(dir.join('out', `${label}.raw`))).equals(state), label);
  });
}
