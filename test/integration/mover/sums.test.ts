import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { createArchive } from '#mover/new-archive.ts';
import { SumSink } from '#mover/sum-sink.ts';
import { initialiseRepository } from '#repository/initialise.ts';
import { removeArchive } from '#repository/remove-archive.ts';
import { addSum, sumsName } from '#repository/sums-file.ts';
import { sampleHeader } from '#test/support/archive-samples.ts';
import { fileSink } from '#test/support/file-sink.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const vmFolder = 'app_5021aaaa-bbbb-cccc-dddd-eeeeffff0000';

async function write(root: string, id: string, sums: boolean): Promise<string> {
  const path = `${vmFolder}/20260102T030405Z_full_${id}.tar`;
  await using archive = await createArchive({
    repository: { root, repositoryId: 'r1' },
    path,
    header: { compression: 'none' },
    sums,
  });
  await archive.sink.writev([Buffer.alloc(70_000, id), Buffer.from('x')]);
  await archive.sink.hole(3_000_000);
  await archive.sink.writev([Buffer.alloc(4096, 2)]);
  await archive.sink.sync();
  await archive.close();
  const header = sampleHeader([]);
  const manifest = { formatVersion: 1, id, finishedAtMs: 0, members: [], disks: [] } as const;
  await archive.commit({ header, manifest });
  return path;
}

test('sha256sum -c agrees with what was written, and goes with the archives', async () => {
  await using dir = await temporaryFolder();
  const root = dir.path;
  await initialiseRepository({ root, id: 'r1', nowMs: 0 });
  await write(root, 'plain', false);
  const folder = join(root, vmFolder);
  await assert.rejects(readFile(join(folder, sumsName)), { code: 'ENOENT' });
  const first = await write(root, 'first', true);
  await write(root, 'second', true);
  const check = (): string =>
    execFileSync('sha256sum', ['-c', sumsName], { cwd: folder, encoding: 'utf8' });
  assert.deepEqual(check().trim().split('\n'), [
    '20260102T030405Z_full_first.tar: OK',
    '20260102T030405Z_full_second.tar: OK',
  ]);
  const repository = { root, repositoryId: 'r1' };
  await removeArchive(repository, first);
  assert.equal(check(), '20260102T030405Z_full_second.tar: OK\n');
  // A line is replaced, not doubled; and one that is wrong is seen.
  await addSum(repository, first.replace('first', 'second'), '0'.repeat(64));
  assert.equal(spawnSync('sha256sum', ['-c', sumsName], { cwd: folder }).status, 1);
  assert.equal((await readFile(join(folder, sumsName), 'utf8')).split('\n').length, 2);
});

test('the sum is that of the file, whatever the pieces and holes', async () => {
  await using dir = await temporaryFolder();
  await mkdir(dir.join('x'));
  const file = dir.join('x', 'file');
  {
    await using sink = await fileSink(file);
    const summed = new SumSink(sink);
    await summed.writev([Buffer.from('a'), Buffer.alloc(0), Buffer.from('bc')]);
    await summed.hole(2 * 1024 * 1024 + 17);
    await summed.writev([Buffer.from('end')]);
    await summed.sync();
    const expected = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    assert.equal(summed.digest(), expected);
  }
  await rm(file);
});
