import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { slug } from '#repository/archive-path.ts';
import { seededRandom } from '#test/support/random.ts';
import { writeSampleChain, type SamplePoint } from '#test/support/sample-chain.ts';
import { temporaryFolder, type TemporaryFolder } from '#test/support/temporary-folder.ts';

import { runWords } from '../../unit/cli/run-words.ts';

const run = promisify(execFile);

async function chainIn(dir: TemporaryFolder): Promise<readonly SamplePoint[]> {
  await mkdir(dir.join('archives'));
  return writeSampleChain({
    dir: dir.join('archives'),
    random: seededRandom(21),
    compressions: ['zstd', 'none', 'zstd'],
    capacityBytes: 8 * 1024 * 1024,
  });
}

async function rawOf(image: string, format: string): Promise<Buffer> {
  await run('qemu-img', ['convert', '-f', format, '-O', 'raw', image, `${image}.check`]);
  return readFile(`${image}.check`);
}

test('every format holds the disks of an incremental restore point', async () => {
  await using dir = await temporaryFolder();
  const points = await chainIn(dir);
  const files = points.map(({ path }) => path);
  const { states, header } = points.at(-1)!;
  for (const format of ['raw', 'qcow2', 'vmdk']) {
    const words = ['tool', 'export', ...files, '--format', format, '-o', dir.join('out/')];
    const { code, out, err } = await runWords([...words, '--json']);
    assert.equal(code, 0, err);
    const result = JSON.parse(out) as { files: string[]; leftOut: string[] };
    assert.deepEqual(
      result.files,
      [...states.keys()].map((label) =>
        dir.join('out', `${slug(header.vm.name)}-${label}.${format}`),
      ),
    );
    for (const [index, state] of [...states.values()].entries()) {
      const image = result.files[index]!;
      assert.equal((await stat(image)).mode & 0o777, 0o600);
      const bytes = format === 'raw' ? await readFile(image) : await rawOf(image, format);
      assert.ok(bytes.equals(state), image);
    }
    const again = await runWords(words);
    assert.equal(again.code, 2);
    assert.match(again.err, /exists already/);
  }
  const sparse = await stat(dir.join('out', `${slug(header.vm.name)}-system.raw`));
  assert.ok(sparse.blocks * 512 < sparse.size);
});

test('one disk goes to the file that was named; several need a folder', async () => {
  await using dir = await temporaryFolder();
  const [full] = await chainIn(dir);
  const target = dir.join('data.img');
  const one = ['tool', 'export', full!.path, '--disk', 'data', '--output', target];
  const { code, out } = await runWords(one);
  assert.deepEqual([code, out], [0, `${target}\n`]);
  assert.ok((await readFile(target)).equals(full!.states.get('data')!));
  const two = await runWords(['tool', 'export', full!.path, '--output', dir.join('two.img')]);
  assert.equal(two.code, 2);
  assert.match(two.err, /must be a folder/);
  const odd = await runWords(['tool', 'export', full!.path, '--format', 'iso']);
  assert.equal(odd.code, 2);
  const none = await runWords(['tool', 'export', full!.path, '--disk', 'scsi9-9']);
  assert.equal(none.code, 4);
});

test('damage fails the export with the reason and leaves no image', async () => {
  await using dir = await temporaryFolder();
  const [full] = await chainIn(dir);
  const bytes = await readFile(full!.path);
  bytes[Math.floor(bytes.length / 3)]! ^= 1;
  await writeFile(full!.path, bytes);
  await mkdir(dir.join('out'));
  for (const format of ['raw', 'qcow2', 'vmdk']) {
    const words = ['tool', 'export', full!.path, '-d', 'system', '-f', format, '-o'];
    const { code, err } = await runWords([...words, dir.join('out')]);
    assert.equal(code, 8, err);
    assert.match(err, /frame|digest/);
  }
  assert.deepEqual(await readdir(dir.join('out')), []);
  await truncate(full!.path, 1000);
  const { code } = await runWords(['tool', 'export', full!.path, '-o', dir.join('out')]);
  assert.equal(code, 8);
});
