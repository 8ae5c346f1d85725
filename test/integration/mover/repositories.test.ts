import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import type { RepositoryConfig } from '#core/config.ts';
import { RepositoryProcesses } from '#mover/repositories.ts';
import { markerName } from '#repository/marker.ts';
import { systemClock } from '#service/system-clock.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const { signal } = new AbortController();
const vm = { instanceUuid: '5021aaaa-bbbb-cccc-dddd-eeeeffff0000', paths: [] };

async function marked(
  repositories: RepositoryProcesses,
  name: string,
): Promise<{ readonly config: RepositoryConfig; readonly dir: AsyncDisposable }> {
  const dir = await temporaryFolder();
  await repositories.initialise({ root: dir.path, id: name, nowMs: 0 }, signal);
  return { dir, config: { id: name, name, root: dir.path, addedAtMs: 0 } };
}

/** Opening a pipe that nobody writes to never returns, as a call to a dead file server. */
async function stall({ root }: RepositoryConfig): Promise<() => Promise<void>> {
  const marker = join(root, markerName);
  await rename(marker, join(root, 'aside'));
  execFileSync('mkfifo', [marker]);
  return async () => {
    await rm(marker);
    await rename(join(root, 'aside'), marker);
  };
}

/** Our children, by the kernel's list. */
async function childrenOf(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean);
}

test('storage that does not answer blocks neither its neighbours nor this process, and comes back', async () => {
  using repositories = new RepositoryProcesses({ clock: systemClock, callMs: 3000 });
  const dead = await marked(repositories, 'dead');
  await using _dead = dead.dir;
  const good = await marked(repositories, 'good');
  await using _good = good.dir;
  const comeBack = await stall(dead.config);

  // More of them than this process has threads for files.
  const asked = Array.from({ length: 8 }, (_, index) =>
    repositories.read(dead.config, `app_x/${index}`, signal).catch((error: unknown) => error),
  );
  const check = assert.rejects(repositories.check(dead.config, signal), {
    code: 'repository',
    message: /did not answer within 3 seconds/,
  });
  assert.ok((await repositories.check(good.config, signal)).freeBytes > 0);
  assert.notEqual(await readFile('/proc/self/stat', 'utf8'), '');
  await check;
  for (const error of await Promise.all(asked)) assert.ok(error instanceof Error, String(error));

  await comeBack();
  assert.ok((await repositories.check(dead.config, signal)).freeBytes > 0);
  // One process a folder: what waited has been killed.
  const limit = Date.now() + 5000;
  while ((await childrenOf(process.pid)).length > 2) {
    assert.ok(Date.now() < limit, 'processes are left over');
    await systemClock.sleep(20);
  }
});

test('who gives up does not wait for the storage', async () => {
  using repositories = new RepositoryProcesses({ clock: systemClock });
  const dead = await marked(repositories, 'dead');
  await using _dead = dead.dir;
  const comeBack = await stall(dead.config);
  const enough = new AbortController();
  const listing = repositories.list(dead.config, enough.signal);
  const scan = repositories.scan(dead.config, enough.signal);
  enough.abort(new Error('enough'));
  await assert.rejects(listing, /enough/);
  await assert.rejects(scan, /enough/);
  await comeBack();
  assert.deepEqual(await repositories.list(dead.config, signal), []);
});

test('errors cross the border whole', async () => {
  using repositories = new RepositoryProcesses({ clock: systemClock });
  const { config, dir } = await marked(repositories, 'main');
  await using _ = dir;
  await assert.rejects(repositories.check({ ...config, id: 'other' }, signal), {
    name: 'ColdframeError',
    code: 'repository',
    message: /holds another repository/,
  });
  await mkdir(join(config.root, `app_${vm.instanceUuid}`));
  const path = `app_${vm.instanceUuid}/20260101T000000Z_full_abcdefgh.tar`;
  await writeFile(join(config.root, path), 'no archive at all');
  const { points, unreadable } = await repositories.scan(config, signal);
  assert.deepEqual(points, []);
  assert.deepEqual(
    unreadable.map((each) => [each.path, each.error.name]),
    [[path, 'ColdframeError']],
  );
});

test('a child that dies is replaced, and what it was asked is asked again', async () => {
  using repositories = new RepositoryProcesses({ clock: systemClock });
  const { config, dir } = await marked(repositories, 'main');
  await using _ = dir;
  const comeBack = await stall(config);
  const check = repositories.check(config, signal);
  await systemClock.sleep(200);
  const [child = ''] = await childrenOf(process.pid);
  await comeBack();
  process.kill(Number(child), 'SIGKILL');
  assert.ok((await check).freeBytes > 0);
  assert.notDeepEqual(await childrenOf(process.pid), [child]);
});

test('a lock is this process’s: it outlives the child that wrote it', async () => {
  using repositories = new RepositoryProcesses({ clock: systemClock, callMs: 3000 });
  const { config, dir } = await marked(repositories, 'main');
  await using _ = dir;
  const folder = join(config.root, `app_${vm.instanceUuid}`);
  await mkdir(folder);
  const holder = { owner: 'one', applianceId: 'a1', token: 't1', clock: systemClock };
  {
    await using lock = await repositories.lockVm(config, vm, holder);
    assert.ok(lock);
    // The child that took it is given up and killed.
    const comeBack = await stall(config);
    await assert.rejects(repositories.check(config, signal), { code: 'repository' });
    await comeBack();
    const second = repositories.lockVm(config, vm, { ...holder, owner: 'two', token: 't2' });
    await assert.rejects(second, { code: 'busy', message: /one/ });
  }
  assert.deepEqual(await readdir(folder), []);
});
