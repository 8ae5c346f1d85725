import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { applyGroups, readState, writeState } from '#appliance/firstboot/apply.ts';
import { type HandOver, handOverPath, writeHandOver } from '#appliance/firstboot/hand-over.ts';
import type { FirstBootSettings } from '#appliance/firstboot/settings.ts';
import { Secret } from '#core/secret.ts';
import { passwordMatches } from '#service/auth/password.ts';

const plain: FirstBootSettings = { network: { dns: [], search: [] }, ntp: [] };
const full: FirstBootSettings = {
  hostname: 'bkp1.example',
  network: {
    fixed: { address: '192.0.2.10/24', gateway: '192.0.2.1' },
    mac: '00:50:56:aa:bb:cc',
    dns: ['192.0.2.53'],
    search: ['example.com'],
  },
  ntp: ['ntp.example'],
  sshKey: 'ssh-ed25519 AAAA',
};

describe('applying settings to a root', () => {
  let root = '';
  const read = (path: string) => readFile(join(root, path), 'utf8');
  const apply = async (settings: FirstBootSettings) => {
    const state = await readState(root);
    const { changed, groups } = await applyGroups(root, settings, state);
    await writeState(root, { ...state, groups });
    return changed;
  };
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'coldframe-root-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  test('writes all files, then nothing until a property changes', async () => {
    assert.deepEqual(await apply(full), ['hostname', 'network', 'time', 'ssh']);
    assert.equal(await read('/etc/hostname'), 'bkp1.example\n');
    assert.match(await read('/etc/hosts'), /^127\.0\.1\.1 bkp1\.example bkp1$/m);
    const network = await read('/etc/systemd/network/10-coldframe.network');
    for (const line of [
      'MACAddress=00:50:56:aa:bb:cc',
      'Address=192.0.2.10/24',
      'DHCP=no',
      'DNS=192.0.2.53',
      'Domains=example.com',
    ])
      assert.ok(network.split('\n').includes(line), line);
    assert.match(
      await read('/etc/systemd/timesyncd.conf.d/10-coldframe.conf'),
      /^NTP=ntp\.example$/m,
    );
    assert.equal(await read('/etc/coldframe/authorized_keys/admin'), 'ssh-ed25519 AAAA\n');
    assert.equal((await stat(join(root, '/etc/hosts'))).mode & 0o777, 0o644);

    assert.deepEqual(await apply(full), []);
    assert.deepEqual(await apply({ ...full, ntp: [] }), ['time']);
    await assert.rejects(read('/etc/systemd/timesyncd.conf.d/10-coldframe.conf'), {
      code: 'ENOENT',
    });
  });

  test('what was changed by hand stays while the properties stay', async () => {
    await apply(full);
    await writeFile(join(root, '/etc/hostname'), 'renamed\n');
    assert.deepEqual(await apply(full), []);
    assert.equal(await read('/etc/hostname'), 'renamed\n');
    assert.deepEqual(await apply({ ...full, hostname: 'third' }), ['hostname']);
    assert.equal(await read('/etc/hostname'), 'third\n');
  });

  test('without properties the image’s DHCP stays in force and SSH closed', async () => {
    await apply(plain);
    assert.equal(await read('/etc/hostname'), 'coldframe\n');
    assert.deepEqual(
      (await readdir(join(root, 'etc'))).toSorted((a, b) => (a < b ? -1 : 1)),
      ['coldframe', 'hostname', 'hosts'],
    );
    assert.deepEqual(await readdir(join(root, 'etc/coldframe')), ['first-boot.json']);
  });

  test('DHCP with own DNS servers does not mix in those of DHCP', async () => {
    await apply({ ...plain, network: { dns: ['192.0.2.53'], search: [] } });
    const network = await read('/etc/systemd/network/10-coldframe.network');
    assert.match(network, /^DHCP=yes$/m);
    assert.match(network, /^UseDNS=no$/m);
    assert.match(network, /^Name=en\* eth\*$/m);
  });

  test('a damaged state file is like none', async () => {
    await mkdir(join(root, 'etc/coldframe'), { recursive: true });
    await writeFile(join(root, 'etc/coldframe/first-boot.json'), '{"groups"');
    assert.deepEqual((await apply(full)).length, 4);
  });

  test('hands the password over as a hash that verifies, readable by its owner only', async () => {
    assert.equal(await writeHandOver(root, plain), false);
    assert.equal(
      await writeHandOver(root, { ...plain, adminPassword: 'pä ss and more', endpoint: 'vc' }),
      true,
    );
    const file = join(root, handOverPath);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const text = await readFile(file, 'utf8');
    assert.doesNotMatch(text, /pä ss/);
    const handOver = JSON.parse(text) as HandOver;
    assert.equal(handOver.endpoint, 'vc');
    const hash = handOver.adminPasswordHash ?? '';
    assert.ok(await passwordMatches(new Secret('pä ss and more'), hash));
    assert.ok(!(await passwordMatches(new Secret('pä ss and mor'), hash)));
  });

  test('a given hash wins over a password', async () => {
    await writeHandOver(root, { ...plain, adminPassword: 'x', adminPasswordHash: 'scrypt$given' });
    const handOver = JSON.parse(await read(handOverPath)) as HandOver;
    assert.equal(handOver.adminPasswordHash, 'scrypt$given');
  });
});
