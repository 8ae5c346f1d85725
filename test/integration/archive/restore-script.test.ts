import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { seededRandom } from '#test/support/random.ts';
import { writeSampleChain, type SamplePoint } from '#test/support/sample-chain.ts';
import { temporaryFolder, type TemporaryFolder } from '#test/support/temporary-folder.ts';

const compressions = ['zstd', 'none', 'zstd', 'none', 'zstd'] as const;

async function makeChain(
  dir: TemporaryFolder,
  seed: number,
): Promise<{ script: string; points: SamplePoint[] }> {
  const points = await writeSampleChain({
    dir: dir.path,
    random: seededRandom(seed),
    compressions,
  });
  // Out of an archive, as in life.
  execFileSync('tar', ['-xf', points[1]!.path, '-C', dir.path, 'restore.sh']);
  return { script: dir.join('restore.sh'), points };
}

/** A PATH on which everything is busybox, but zstd, which it lacks. */
async function busyboxPath(dir: TemporaryFolder): Promise<string> {
  const bin = dir.join('busybox-bin');
  await mkdir(bin);
  execFileSync('busybox', ['--install', '-s', bin]);
  const zstd = execFileSync('sh', ['-c', 'command -v zstd'], { encoding: 'utf8' }).trim();
  await symlink(zstd, `${bin}/zstd`);
  return bin;
}

for (const shell of ['dash', 'bash', 'busybox'] as const) {
  test(`restore.sh rebuilds every point in ${shell}`, async () => {
    await using dir = await temporaryFolder();
    const { script, points } = await makeChain(dir, 77);
    const path = shell === 'busybox' ? await busyboxPath(dir) : process.env['PATH']!;
    const command = { dash: ['dash'], bash: ['bash', '--posix'], busybox: ['busybox', 'sh'] }[
      shell
    ];
    for (const [index, point] of points.entries()) {
      const out = dir.join(`out ${index}`);
      const files = points.slice(0, index + 1).map((each) => each.path);
      const run = spawnSync(command[0]!, [...command.slice(1), script, out, ...files], {
        encoding: 'utf8',
        env: { PATH: path },
      });
      // The first is compressed, the second is plain.
      if (index === 0) assert.equal(run.stderr, '');
      else assert.match(run.stderr, /^restore\.sh: the data of plain .*tool verify.*\n$/);
      assert.equal(run.status, 0, run.stdout);
      const names = [...point.states.keys()].map((label) => `${label}.raw`);
      assert.deepEqual((await readdir(out)).sort(), names.sort());
      for (const [label, state] of point.states)
        assert.ok((await readFile(`${out}/${label}.raw`)).equals(state), `${label} at ${index}`);
    }
  });
}

test('restore.sh has b3sum check the seals where there is one', async () => {
  await using dir = await temporaryFolder();
  const { script, points } = await makeChain(dir, 6);
  const bin = dir.join('bin');
  await mkdir(bin);
  const env = { PATH: `${bin}:${process.env['PATH']!}` };
  const restore = (out: string) =>
    spawnSync('sh', [script, dir.join(out), points[0]!.path], { encoding: 'utf8', env });
  // The same two files as the real one is given, without its arithmetic.
  const asked = '[ "$1 $2" = "-c manifest.blake3" ] && [ -s manifest.json ] && [ -s "$2" ]';
  await writeFile(`${bin}/b3sum`, `#!/bin/sh\n${asked}\n`, { mode: 0o755 });
  const good = restore('good');
  assert.equal(good.status, 0, good.stderr);
  await writeFile(`${bin}/b3sum`, '#!/bin/sh\necho manifest.json: FAILED\nexit 1\n');
  const bad = restore('bad');
  assert.equal(bad.status, 1);
  assert.match(bad.stderr, /is damaged: its manifest\.json does not match/);
  assert.deepEqual(await readdir(dir.join('bad')), []);
});

test('restore.sh refuses what would give wrong disks', async () => {
  await using dir = await temporaryFolder();
  await using other = await temporaryFolder();
  const { script, points } = await makeChain(dir, 5);
  const { points: strangers } = await makeChain(other, 6);
  const files = points.map((point) => point.path);
  const cut = dir.join('cut.tar');
  const plain = await readFile(files[1]!);
  await writeFile(cut, plain.subarray(0, plain.length - 8192));
  const flipped = dir.join('flipped.tar.zst');
  const compressed = Buffer.from(await readFile(files[0]!));
  compressed[Math.floor(compressed.length / 2)]! ^= 0x10;
  await writeFile(flipped, compressed);
  await writeFile(dir.join('notes.tar'), 'these are notes');

  const refused: readonly [readonly string[], RegExp][] = [
    [[], /usage/],
    [[dir.join('missing.tar')], /cannot read/],
    [[files[1]!], /needs restore point point0/],
    [[files[0]!, files[2]!], /needs restore point point1/],
    [[files[0]!, files[0]!], /needs restore point none/],
    [[files[0]!, strangers[1]!.path], /seals differ/],
    [[files[0]!, cut], /not a finished archive/],
    [[flipped], /damaged|not a finished archive/],
    [[dir.join('notes.tar')], /not a finished archive/],
  ];
  for (const [index, [archives, message]] of refused.entries()) {
    const out = dir.join(`refused-${index}`);
    const run = spawnSync('dash', [script, out, ...archives], { encoding: 'utf8' });
    assert.notEqual(run.status, 0, String(message));
    assert.match(run.stderr, message);
    if (archives.length > 0) assert.deepEqual(await readdir(out), [], String(message));
  }
  const out = dir.join('exists');
  await mkdir(out);
  await writeFile(`${out}/data.raw`, 'precious');
  const run = spawnSync('dash', [script, out, files[0]!], { encoding: 'utf8' });
  assert.match(run.stderr, /exists already/);
  assert.equal(await readFile(`${out}/data.raw`, 'utf8'), 'precious');
});
