import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { link, mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { answer } from '#appliance/helper/answer.ts';
import { unitName, unitText } from '#appliance/helper/nfs-mount.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { testWorld, type TestWorld } from './world.ts';

const run = promisify(execFile);
const share = { server: 'nas', path: '/backup', version: '4.1' } as const;
const path = '/srv/nas/vm_1/a.tar';

async function ask(world: TestWorld, verb: string, input: object): Promise<Reply> {
  return JSON.parse(await answer(JSON.stringify({ verb, input }), world)) as Reply;
}
interface Reply {
  readonly answer?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string };
}

test('the mount unit is one that systemd takes, under the name it wants', async () => {
  await using dir = await temporaryFolder();
  const { stdout } = await run('systemd-escape', ['--path', '--suffix=mount', '/srv/nas-1']);
  assert.equal(unitName('/srv/nas-1'), stdout.trim());
  const file = join(dir.path, unitName('/srv/nas-1'));
  await writeFile(file, unitText('/srv/nas-1', share));
  const { stderr } = await run('systemd-analyze', ['verify', '--man=no', file]);
  assert.doesNotMatch(stderr, /nas/);
});

test('mounts once, refuses to hide or replace something, and unmounts only its own', async () => {
  await using dir = await temporaryFolder();
  const world = testWorld(dir.path);
  const order = { mountPoint: '/srv/nas', share };
  world.answers.set('systemctl is-active', new Error('inactive'));
  assert.deepEqual(await ask(world, 'mount-nfs', order), {
    answer: { mounted: true, already: false },
  });
  assert.ok((await stat(join(dir.path, 'srv/nas'))).isDirectory());
  assert.deepEqual(world.commands.slice(-2), [
    'systemctl daemon-reload',
    'systemctl start srv-nas.mount',
  ]);
  world.answers.delete('systemctl is-active');
  assert.equal((await ask(world, 'mount-nfs', order)).answer?.['already'], true);
  const other = { ...order, share: { ...share, path: '/other' } };
  assert.equal((await ask(world, 'mount-nfs', other)).error?.code, 'busy');

  assert.deepEqual(await ask(world, 'unmount-nfs', { mountPoint: order.mountPoint }), {
    answer: { mounted: false },
  });
  assert.ok(world.commands.includes('systemctl stop srv-nas.mount'));
  const before = world.commands.length;
  await ask(world, 'unmount-nfs', { mountPoint: order.mountPoint });
  assert.equal(world.commands.length, before, 'nothing of ours is mounted');
  await writeFile(join(dir.path, 'srv/nas/file'), '');
  world.answers.set('systemctl is-active', new Error('inactive'));
  assert.match((await ask(world, 'mount-nfs', order)).error?.message ?? '', /holds "file"/);
});

test('says what mount said', async () => {
  await using dir = await temporaryFolder();
  const world = testWorld(dir.path);
  world.answers.set('systemctl is-active', new Error('inactive'));
  world.answers.set('systemctl start', new Error('See journalctl'));
  world.answers.set('journalctl', 'Mounting…\nmount.nfs: access denied by server\nFailed.');
  const { error } = await ask(world, 'mount-nfs', { mountPoint: '/srv/nas', share });
  assert.equal(error?.code, 'repository');
  assert.match(error?.message ?? '', /nas:\/backup cannot be mounted.*access denied by server/);
});

async function archiveIn(root: string): Promise<string> {
  const file = join(root, path);
  await mkdir(join(root, 'srv/nas/vm_1'), { recursive: true });
  await writeFile(file, 'archive');
  return file;
}

test('protects until a date that can only be put off, and lifts it only after', async () => {
  await using dir = await temporaryFolder();
  const world = testWorld(dir.path);
  await archiveIn(dir.path);
  world.answers.set('lsattr', '--------------e------- ./a.tar');
  assert.deepEqual(await ask(world, 'unprotect', { path }), { answer: { wasProtected: false } });
  assert.deepEqual(await ask(world, 'protect', { path, untilMs: 2_000_000 }), {
    answer: { untilMs: 2_000_000 },
  });
  assert.deepEqual(world.commands.slice(-2), [
    'setfattr --no-dereference -n user.coldframe.protected-until -v 2000000 a.tar',
    'chattr +i -- ./a.tar',
  ]);
  world.answers.set('lsattr', '----i---------e------- ./a.tar');
  world.answers.set('getfattr', '2000000');
  assert.equal((await ask(world, 'protect', { path, untilMs: 1 })).answer?.['untilMs'], 2_000_000);
  assert.ok(!world.commands.includes('chattr -i -- ./a.tar'));
  assert.equal((await ask(world, 'unprotect', { path })).error?.code, 'not-eligible');
  world.nowMs = 2_000_000;
  assert.deepEqual(await ask(world, 'unprotect', { path }), { answer: { wasProtected: true } });
  assert.equal(world.commands.at(-1), 'chattr -i -- ./a.tar');
  // Somebody else's protection has no date of ours.
  world.answers.set('getfattr', new Error('No such attribute'));
  assert.equal((await ask(world, 'unprotect', { path })).error?.code, 'not-eligible');
});

test('touches no file but the one that the path names', async () => {
  await using dir = await temporaryFolder();
  const world = testWorld(dir.path);
  const file = await archiveIn(dir.path);
  const order = { path, untilMs: 2_000_000 };
  const refused = async (code: string): Promise<void> => {
    assert.equal((await ask(world, 'protect', order)).error?.code, code);
    assert.deepEqual(world.commands, []);
  };
  await link(file, `${file}.twin.tar`);
  await refused('invalid-input');
  await rename(file, `${file}.twin.tar`);
  await rename(file, `${file}.aside`).catch(() => undefined);
  await symlink(`${file}.twin.tar`, file).catch(() => undefined);
  await refused('not-found');
  // The VM's folder swapped for a link to another place.
  await rename(join(dir.path, 'srv/nas/vm_1'), join(dir.path, 'elsewhere'));
  await symlink(join(dir.path, 'elsewhere'), join(dir.path, 'srv/nas/vm_1'));
  await refused('not-found');
});

test('network and time servers are checked like deployment properties, then written', async () => {
  await using dir = await temporaryFolder();
  const world = testWorld(dir.path);
  const fixed = { address: '192.0.2.10/24', gateway: '192.0.2.1' };
  const network = { fixed, dns: ['192.0.2.53'], search: ['example.com'] };
  assert.deepEqual(await ask(world, 'set-network', network), { answer: { applied: true } });
  const file = join(dir.path, 'etc/systemd/network/10-coldframe.network');
  assert.match(await readFile(file, 'utf8'), /Address=192\.0\.2\.10\/24\nGateway=192\.0\.2\.1\n/);
  assert.deepEqual(world.commands, ['networkctl reload']);
  const wrong = await ask(world, 'set-network', { ...network, dns: ['not an address'] });
  assert.match(wrong.error?.message ?? '', /Nothing was changed: dns: each must be an IP address/);
  assert.match(await readFile(file, 'utf8'), /DNS=192\.0\.2\.53/);
  await ask(world, 'set-time-servers', { servers: ['ntp.example'] });
  const time = join(dir.path, 'etc/systemd/timesyncd.conf.d/10-coldframe.conf');
  assert.match(await readFile(time, 'utf8'), /NTP=ntp\.example/);
  await ask(world, 'power', { action: 'off' });
  assert.equal(world.commands.at(-1), 'systemctl --no-block poweroff');
});
