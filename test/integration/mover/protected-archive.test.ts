import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { RepositoryProcesses } from '#mover/repositories.ts';
import { systemClock } from '#service/system-clock.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const folder = 'app_5021aaaa-bbbb-cccc-dddd-eeeeffff0000';
const path = `${folder}/20260101T000000Z_full_abcdefgh.tar`;
const { signal } = new AbortController();

/** Why this machine cannot make a file immutable; false when it can. */
function cannotProtect(file: string): string | false {
  try {
    execFileSync('chattr', ['+i', file], { stdio: 'pipe' });
    return false;
  } catch (error) {
    return `chattr +i is refused here (${String(error).slice(0, 100)}); test/appliance proves it`;
  }
}

test('an archive that is not protected is found out, and comes to no harm by that', async () => {
  await using dir = await temporaryFolder();
  using repositories = new RepositoryProcesses({ clock: systemClock });
  await repositories.initialise({ root: dir.path, id: 'r', nowMs: 0 }, signal);
  const config = { id: 'r', name: 'main', root: dir.path, addedAtMs: 0 };
  await mkdir(join(dir.path, folder));
  await writeFile(join(dir.path, path), 'archive');
  assert.deepEqual(await repositories.proveProtected(config, path), {
    overwriting: 'possible',
    deleting: 'possible',
  });
  assert.equal(await readFile(join(dir.path, path), 'utf8'), 'archive');
  const missing = repositories.proveProtected(config, `${path.slice(0, -8)}x.tar`);
  await assert.rejects(missing, { name: 'ColdframeError' });
});

test('a protected archive refuses, and is removed only when its protection is lifted', async (t) => {
  await using dir = await temporaryFolder();
  const file = join(dir.path, path);
  let mayGo = false;
  using repositories = new RepositoryProcesses({
    clock: systemClock,
    release: async (_repository, wanted) => {
      assert.equal(wanted, path);
      if (!mayGo) throw new Error('protected until tomorrow');
      execFileSync('chattr', ['-i', file]);
    },
  });
  await repositories.initialise({ root: dir.path, id: 'r', nowMs: 0 }, signal);
  const config = { id: 'r', name: 'main', root: dir.path, addedAtMs: 0 };
  await mkdir(join(dir.path, folder));
  await writeFile(file, 'archive');
  const reason = cannotProtect(file);
  if (reason !== false) {
    t.skip(reason);
    return;
  }
  try {
    assert.deepEqual(await repositories.proveProtected(config, path), {
      overwriting: 'refused',
      deleting: 'refused',
    });
    await assert.rejects(repositories.remove(config, path), /protected until tomorrow/);
    assert.deepEqual(await readdir(join(dir.path, folder)), [path.split('/')[1]]);
    mayGo = true;
    await repositories.remove(config, path);
    assert.deepEqual(await readdir(join(dir.path, folder)), []);
  } finally {
    if (!mayGo) execFileSync('chattr', ['-i', file]);
  }
});
