import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { open, readFile, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { writeOva } from '#ovf/ova-file.ts';
import { ustarHeader } from '#ovf/ustar-header.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const run = promisify(execFile);
const mtimeMs = Date.UTC(2026, 0, 2, 3, 4, 5);

async function* pieces(...parts: readonly Buffer[]): AsyncGenerator<Buffer, number> {
  yield* parts;
  return parts.reduce((sum, { length }) => sum + length, 0);
}

test('one pass makes a tar with descriptor, manifest and disks in that order', async () => {
  await using dir = await temporaryFolder();
  const one = [Buffer.alloc(1000, 'a'), Buffer.alloc(200, 'b')];
  const two = [Buffer.alloc(512, 'c')];
  await using file = await open(dir.join('vm.ova'), 'wx');
  await writeOva<number>(file, {
    name: 'vm',
    mtimeMs,
    disks: [
      { fileName: 'vm-disk1.vmdk', content: () => pieces(...one) },
      { fileName: 'vm-disk2.vmdk', content: () => pieces(...two) },
    ],
    descriptor: (figures) =>
      `<x>${figures.map((figure) => figure ?? Number.MAX_SAFE_INTEGER).join()}</x>\n`,
  });
  const { stdout } = await run('tar', ['-tvf', dir.join('vm.ova')]);
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/).at(-1)),
    ['vm.ovf', 'vm.mf', 'vm-disk1.vmdk', 'vm-disk2.vmdk'],
  );
  await run('tar', ['-xf', dir.join('vm.ova'), '-C', dir.path]);
  assert.ok((await readFile(dir.join('vm-disk1.vmdk'))).equals(Buffer.concat(one)));
  assert.match(await readFile(dir.join('vm.ovf'), 'utf8'), /^<x>1200,512<\/x>\n +$/);
  const lines = (await readFile(dir.join('vm.mf'), 'utf8')).trim().split('\n');
  assert.equal(lines.length, 3);
  for (const line of lines) {
    const [, name, sum] = /^SHA256\((.+)\)= ([0-9a-f]{64})$/.exec(line)!;
    const bytes = await readFile(dir.join(name!));
    assert.equal(createHash('sha256').update(bytes).digest('hex'), sum);
  }
  // bsdtar reads strictly, and everything up to the two zero blocks.
  assert.equal(
    (await run('bsdtar', ['-tf', dir.join('vm.ova')])).stdout.trim().split('\n').length,
    4,
  );
});

test('members of 8 GiB and more are read by other tars', async () => {
  await using dir = await temporaryFolder();
  const size = 9 * 2 ** 30;
  const path = dir.join('large.tar');
  await writeFile(path, ustarHeader({ name: 'large.vmdk', size, mtimeMs }));
  await truncate(path, 512 + size + 1024);
  for (const tar of ['tar', 'bsdtar']) {
    const { stdout } = await run(tar, ['-tvf', path]);
    assert.match(stdout, /9663676416 .*large\.vmdk/);
  }
  assert.throws(() => ustarHeader({ name: 'x'.repeat(101), size: 1, mtimeMs }), {
    code: 'invalid-input',
  });
});
