import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder, type TemporaryFolder } from '#test/support/temporary-folder.ts';

const run = promisify(execFile);
const scripts = join(import.meta.dirname, '../../../../appliance/rootfs/usr/lib/coldframe');

/** Stands in for systemctl and everything else that must not happen to this machine. */
async function harmless(
  dir: TemporaryFolder,
  ...names: readonly string[]
): Promise<NodeJS.ProcessEnv> {
  const bin = join(dir.path, 'bin');
  await mkdir(bin);
  for (const name of names)
    await writeFile(join(bin, name), `#!/bin/sh\necho "${name} $*" >>${dir.path}/called\n`, {
      mode: 0o755,
    });
  return { PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin` };
}

test('a factory reset deletes what was set and keeps every archive', async () => {
  await using dir = await temporaryFolder();
  const env = await harmless(dir, 'systemctl');
  const [data, etc] = [join(dir.path, 'data'), join(dir.path, 'etc')];
  for (const folder of ['catalog', 'tls', '.hidden', 'lost+found', 'repository/vm_1', 'more/inner'])
    await mkdir(join(data, folder), { recursive: true });
  await mkdir(join(etc, 'coldframe'), { recursive: true });
  await writeFile(join(etc, 'coldframe/first-boot.json'), '{}');
  for (const file of [
    'api-token',
    'repository/.coldframe-repository.json',
    'repository/vm_1/a.tar',
  ])
    await writeFile(join(data, file), '');
  await writeFile(join(data, 'more/inner/.coldframe-repository.json'), '');
  const { stdout } = await run(join(scripts, 'factory-reset'), [], {
    env: { ...env, DATA_FOLDER: data, ETC_FOLDER: etc },
  });
  assert.deepEqual((await readdir(data)).sort(), ['lost+found', 'more', 'repository']);
  assert.deepEqual(await readdir(join(data, 'repository/vm_1')), ['a.tar']);
  assert.match(stdout, /kept: .*repository/);
  assert.deepEqual(await readdir(join(etc, 'coldframe')), []);
  assert.equal(
    await readFile(join(dir.path, 'called'), 'utf8'),
    'systemctl stop coldframe.service\nsystemctl --no-block reboot\n',
  );
});

test('a support bundle is made whatever is missing, and holds no secret', async () => {
  await using dir = await temporaryFolder();
  const env = await harmless(dir, 'journalctl', 'coldframe', 'resolvectl', 'nfsstat', 'systemctl');
  const { stdout } = await run(join(scripts, 'support-bundle'), [], {
    env: { ...env, SUPPORT_FOLDER: dir.path },
  });
  const file = stdout.trim();
  assert.match(file, /\/coldframe-support-\d{8}T\d{6}Z\.tar\.gz$/);
  const list = (await run('tar', ['-tzf', file])).stdout;
  for (const name of ['journal.txt', 'disks.txt', 'mounts.txt', 'health.json'])
    assert.match(list, new RegExp(`support/${name}`));
  const called = await readFile(join(dir.path, 'called'), 'utf8').catch(() => '');
  assert.doesNotMatch(called + list, /api-token|\.key|catalog/);
});
