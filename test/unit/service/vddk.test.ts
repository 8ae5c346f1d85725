import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';

import { createVddk } from '#service/operations/vddk.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { countingIds } from '#test/support/test-clock.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

/** A folder with the names that VMware's archive has. */
async function makeDistribution(root: string, version: string): Promise<string> {
  const lib = join(root, 'vmware-vix-disklib-distrib', 'lib64');
  await mkdir(lib, { recursive: true });
  await writeFile(join(lib, `libvixDiskLib.so.${version}`), 'elf');
  await symlink(`libvixDiskLib.so.${version}`, join(lib, `libvixDiskLib.so.${version[0]}`));
  return join(root, 'vmware-vix-disklib-distrib');
}

function makeVddk(dataDir: string, configuredDir?: string) {
  let saved: string | undefined;
  const settings = {
    vddkDir: async () => saved,
    setVddkDir: async (path: string | undefined) => {
      saved = path;
    },
  };
  return createVddk({
    dataDir,
    settings,
    ids: countingIds(),
    ...(configuredDir === undefined ? {} : { configuredDir }),
  });
}

it('uses a folder where it lies', async () => {
  await using folder = await temporaryFolder();
  const vddk = makeVddk(folder.path);
  assert.deepEqual(await vddk.status(), { installed: false });
  const libDir = await makeDistribution(folder.path, '8.0.3');
  assert.deepEqual(await vddk.install(libDir, signal), {
    installed: true,
    libDir,
    version: '8.0.3',
  });
  assert.deepEqual(await vddk.installed(), { libDir, version: '8.0.3' });
});

it("unpacks VMware's archive into the data folder", async () => {
  await using folder = await temporaryFolder();
  const dataDir = join(folder.path, 'data');
  await makeDistribution(folder.path, '7.0.3');
  const archive = join(folder.path, 'VMware-vix-disklib-7.0.3.x86_64.tar.gz');
  await run('tar', ['-czf', archive, '-C', folder.path, 'vmware-vix-disklib-distrib']);
  const vddk = makeVddk(dataDir);
  const status = await vddk.install(archive, signal);
  assert.equal(status.version, '7.0.3');
  assert.ok(status.libDir?.startsWith(join(dataDir, 'vddk', '7.0.3-')));
  assert.deepEqual(await readdir(join(dataDir, 'vddk')), [status.libDir!.split('/').at(-1)]);
});

it('leaves nothing of an archive that is no VDDK', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'notes.txt'), 'x');
  const archive = join(folder.path, 'other.tar.gz');
  await run('tar', ['-czf', archive, '-C', folder.path, 'notes.txt']);
  const garbage = join(folder.path, 'garbage.tar.gz');
  await writeFile(garbage, 'not a tar');
  const vddk = makeVddk(folder.path);
  await assert.rejects(vddk.install(archive, signal), /holds no libvixDiskLib\.so/);
  await assert.rejects(vddk.install(garbage, signal), /could not be unpacked/);
  await assert.rejects(vddk.install('/nowhere.tgz', signal), /cannot be read/);
  await assert.rejects(vddk.install('relative', signal), /absolute path/);
  assert.deepEqual(await readdir(join(folder.path, 'vddk')), []);
  assert.deepEqual(await vddk.status(), { installed: false });
});

it('lets the configuration win, and notices a library that has gone', async () => {
  await using folder = await temporaryFolder();
  const libDir = await makeDistribution(folder.path, '8.0.2');
  const vddk = makeVddk(folder.path, libDir);
  assert.equal((await vddk.status()).version, '8.0.2');
  await assert.rejects(vddk.install(libDir, signal), /Remove "vddkDir"/);
  assert.deepEqual(await makeVddk(folder.path, join(folder.path, 'gone')).status(), {
    installed: false,
  });
});
