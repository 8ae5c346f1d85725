import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { initialiseRepository } from '#repository/initialise.ts';
import { proveFolder, testPrefix } from '#repository/prove-folder.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

test('says what the folder showed, and leaves nothing', async () => {
  await using dir = await temporaryFolder();
  const proof = await proveFolder(dir.path, 'x');
  assert.ok(proof.writeBytesPerSecond > 0 && proof.readBytesPerSecond > 0);
  assert.equal(proof.keepsHoles, true);
  assert.deepEqual(await readdir(dir.path), []);
});

test('what a crashed test left does not make a folder full', async () => {
  await using dir = await temporaryFolder();
  await writeFile(join(dir.path, `${testPrefix}old`), 'left');
  const { existed } = await initialiseRepository({ root: dir.path, id: 'r', nowMs: 0 });
  assert.equal(existed, false);
});

test('a folder that fails the test is refused, in words of what to do', async () => {
  // The kernel's own file system takes no files of ours.
  await assert.rejects(proveFolder('/proc/self', 'x'), {
    name: 'ColdframeError',
    message: /\/proc\/self failed the test of a repository/,
  });
});
