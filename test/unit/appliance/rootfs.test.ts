import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const appliance = join(import.meta.dirname, '../../../appliance');
const units = join(appliance, 'rootfs/etc/systemd/system');

describe('the root file system overlay', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coldframe-rootfs-'));
  });
  after(() => rm(folder, { recursive: true }));

  test('systemd understands every unit', async () => {
    // The programs are not on this machine, so every command becomes one that is.
    for (const name of await unitNames()) {
      const text = await readFile(join(units, name), 'utf8');
      await writeFile(join(folder, name), text.replaceAll(/^(Exec\w+)=.*$/gm, '$1=/bin/true'));
    }
    const names = (await unitNames()).map((name) => join(folder, name));
    const { stderr } = await run('systemd-analyze', ['verify', '--man=no', ...names]);
    const ours = stderr.split('\n').filter((line) => line.includes('coldframe'));
    assert.deepEqual(ours, []);
  });

  test('the service’s exposure is below 3.0', async () => {
    const unit = join(units, 'coldframe.service');
    const options = ['security', '--offline=true', '--no-pager', '--threshold=30', unit];
    await run('systemd-analyze', options).catch((error: { stdout: string }) =>
      assert.fail(error.stdout),
    );
    // The threshold must be able to say no.
    const bare = join(folder, 'bare.service');
    await writeFile(bare, '[Service]\nExecStart=/bin/true\n');
    await assert.rejects(run('systemd-analyze', [...options.slice(0, -1), bare]));
  });

  test('every shell script parses', async () => {
    const scripts = [
      join(appliance, '../ova-build.sh'),
      ...(await shellScripts(join(appliance, 'provision'))),
      ...(await shellScripts(join(appliance, 'build'))),
      ...(await shellScripts(join(appliance, 'rootfs/usr/lib/coldframe'))),
    ];
    assert.ok(scripts.length > 10);
    for (const script of scripts) await run('bash', ['-n', script]);
  });

  async function unitNames(): Promise<string[]> {
    return (await readdir(units)).filter((name) => !name.endsWith('.d'));
  }

  async function shellScripts(at: string): Promise<string[]> {
    return (await readdir(at))
      .filter((name) => !/\.(?:ts|md)$/.test(name))
      .map((name) => join(at, name));
  }
});

describe('disk-role', () => {
  const script = join(appliance, 'rootfs/usr/lib/coldframe/disk-role');
  let sys = '';
  before(async () => {
    sys = await mkdtemp(join(tmpdir(), 'coldframe-sysfs-'));
    await mkdir(join(sys, 'class/block'), { recursive: true });
    await mkdir(join(sys, 'dev/block'), { recursive: true });
    const pci = 'devices/pci0000:00';
    await disk(`${pci}/0000:03:00.0/host2/target2:0:0/2:0:0:0/block/sda`, ['sda1', 'sda3']);
    await disk(`${pci}/0000:03:00.0/host2/target2:0:1/2:0:1:0/block/sdb`, []);
    await disk(`${pci}/0000:0b:00.0/host3/target3:0:0/3:0:0:0/block/sdc`, ['sdc1']);
    // A host number that begins with the system's.
    await disk(`${pci}/0000:0c:00.0/host20/target20:0:0/20:0:0:0/block/sdd`, []);
    await symlink(
      `../../${pci}/0000:03:00.0/host2/target2:0:0/2:0:0:0/block/sda/sda3`,
      join(sys, 'dev/block/8:3'),
    );
  });
  after(() => rm(sys, { recursive: true }));

  async function disk(path: string, partitions: readonly string[]): Promise<void> {
    const name = path.slice(path.lastIndexOf('/') + 1);
    await mkdir(join(sys, path), { recursive: true });
    await symlink(`../../${path}`, join(sys, 'class/block', name));
    for (const partition of partitions) {
      await mkdir(join(sys, path, partition));
      await symlink(`../../${path}/${partition}`, join(sys, 'class/block', partition));
    }
  }

  const role = async (name: string): Promise<string> =>
    (
      await run(script, [name], { env: { ...process.env, SYSFS_ROOT: sys, ROOT_DEVICE: '8:3' } })
    ).stdout.trim();

  const expected = {
    sda: 'system',
    sda1: 'system',
    sda3: 'system',
    sdb: 'data',
    sdc: 'guest',
    sdc1: 'guest',
    sdd: 'guest',
  };
  for (const [name, wanted] of Object.entries(expected))
    test(`${name} is ${wanted}`, async () => assert.equal(await role(name), wanted));

  test('a disk that is not there has no role', async () => {
    await assert.rejects(role('sdz'));
  });
});
