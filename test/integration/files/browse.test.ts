import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { RebuildResult } from '#core/api.ts';
import type { FileMount, GuestEntry, GuestVolumes } from '#core/guest-files.ts';
import { oddNames } from '#test/fixtures/guest/make-disks.ts';

import { openPrograms } from '../service/programs.ts';

const run = promisify(execFile);
const archive = fileURLToPath(new URL('../../fixtures/guest/guest.tar.zst', import.meta.url));

/** Small VMs of this machine whose files lie below `folder`. */
async function smallVms(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (words.includes('guestfs') && words.includes('coldframe-files-')) found.push(pid);
  }
  return found;
}

async function folders(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('coldframe-files-'));
}

it('files of ext4, LVM over two disks, xfs and NTFS are listed and downloaded, and nothing stays', async () => {
  const before = await folders();
  await using programs = await openPrograms();
  const { folder } = programs;
  const service = await programs.startService();
  const root = join(folder, 'repository');
  await mkdir(root);
  const added = await programs.json<RebuildResult>(['repository', 'add', 'main', root]);
  const vmFolder = join(root, 'app-server_52e2d0c5-0000-4000-8000-000000000001');
  await mkdir(vmFolder);
  await copyFile(archive, join(vmFolder, '20260102T030405Z_full_guest.tar.zst'));
  const rebuilt = await programs.json<RebuildResult>([
    'repository',
    'rebuild',
    added.repository.id,
  ]);
  assert.equal(rebuilt.found, 1, JSON.stringify(rebuilt));

  const opened = await programs.json<{ mount: FileMount } & GuestVolumes>([
    'files',
    'open',
    'guest',
  ]);
  const { id } = opened.mount;
  assert.deepEqual([opened.mount.state, opened.mount.owner], ['ready', 'command line']);
  assert.deepEqual(
    opened.volumes
      .map(({ name, fileSystem, label }) => `${name} ${fileSystem} ${label}`)
      .toSorted(),
    ['sda1 ext4 system', 'sdc xfs ', 'sdd ntfs ', 'vg0-data ext4 '],
  );
  for (const { usage, error } of opened.volumes) assert.ok(usage !== undefined, error);
  assert.deepEqual(
    opened.systems.map(({ kind, product, hostName }) => [kind, product, hostName]),
    [['linux', 'Debian GNU/Linux 12', 'guest-1']],
  );
  const vms = await smallVms();
  assert.ok(vms.length > 0);

  const list = (path: string): Promise<readonly GuestEntry[]> =>
    programs.json<readonly GuestEntry[]>(['files', 'list', id, path]);
  const odd = await list('/sda1/odd');
  const files = odd.filter(({ kind }) => kind === 'file').map(({ name }) => name);
  assert.deepEqual(files.toSorted(), [...oddNames, 'latin-\uFFFD'].toSorted());
  assert.equal(odd.find(({ kind }) => kind === 'link')?.linkTarget, '/etc/hostname');
  const secret = (await list('/sda1')).find(({ name }) => name === 'secret')!;
  assert.deepEqual([secret.bytes, secret.mode, secret.uid, secret.gid], [3, 0o640, 1000, 1001]);

  const get = async (path: string, ...more: readonly string[]): Promise<Buffer> => {
    const target = join(folder, 'got');
    const { code, err } = await programs.cli(['files', 'get', id, path, '-o', target, ...more]);
    assert.equal(code, 0, `${path}: ${err}`);
    return readFile(target);
  };
  for (const name of oddNames)
    assert.equal((await get(`/sda1/odd/${name}`)).toString(), `in ${name}`);
  const latin = odd.find(({ name }) => name.startsWith('latin'))!;
  assert.equal((await get(latin.path, '--encoded')).toString(), 'x');
  assert.equal((await get('/sdd/Grüße.txt')).toString(), 'von NTFS');
  assert.ok((await get('/sdc/pattern')).equals(Buffer.alloc(2 ** 20, '0123456789')));
  // Larger than either of the disks that the volume lies on could hold alone in its first half.
  assert.ok((await get('/vg0-data/large')).equals(Buffer.alloc(24 * 2 ** 20, 90)));

  await get('/sda1');
  const tar = join(folder, 'got');
  const listed = (await run('tar', ['--numeric-owner', '-tvf', tar])).stdout;
  assert.match(listed, /-rw-r----- 1000\/1001 +3 .* \.\/secret/);
  assert.match(listed, /\.\/odd\/link -> \/etc\/hostname/);
  assert.equal((await run('tar', ['-xOf', tar, './etc/hostname'])).stdout, 'guest-1\n');

  const wrong: readonly (readonly [string, number])[] = [
    ['/sda1/nobody', 4],
    ['/sdx1/etc', 4],
    ['/sda1/../etc', 2],
    ['/sda1/odd/fifo', 2],
    ['/', 2],
  ];
  for (const [path, code] of wrong)
    assert.equal((await programs.cli(['files', 'get', id, path])).code, code, path);

  // A crash takes the small VM and its files along.
  await service.end('SIGKILL');
  const end = Date.now() + 60_000;
  while (
    (await smallVms()).some((pid) => vms.includes(pid)) ||
    (await folders()).length > before.length
  ) {
    assert.ok(Date.now() < end, 'the small VM outlived the service');
    await delay(200);
  }
});
