import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nfsMountPoint, nfsOptions, nfsSource, parseNfsShare } from '#core/nfs.ts';

const version = '4.1';

test('takes both ways to write an export', () => {
  const plain = { server: 'nas.example.com', path: '/backup/one', version };
  assert.deepEqual(parseNfsShare('nfs://nas.example.com/backup/one', version), plain);
  assert.deepEqual(parseNfsShare('nas.example.com:/backup/one/', version), plain);
  const odd = parseNfsShare('nfs://[2001:db8::5]:12049/', version);
  assert.deepEqual(odd, { server: '2001:db8::5', port: 12049, path: '/', version });
  assert.equal(nfsSource(odd), '[2001:db8::5]:/');
  assert.equal(nfsSource({ ...plain, version }), 'nas.example.com:/backup/one');
});

test('refuses what could mean something else in a unit file or to mount', () => {
  for (const text of [
    '/srv/backup',
    'nas',
    'nfs://nas',
    'nfs:///export',
    'nfs://-o/export',
    'nfs://nas:70000/export',
    'nas:/with space',
    'nas:/with%n',
    'nas:/quo"te',
    'nas:/back\\slash',
    'nas:/line\nWhere=/etc',
    'nas:/a/../../etc',
    'nas,vers=3:/export',
    'http://nas/export',
  ])
    assert.equal(parseNfsShare(text, version), undefined, text);
});

test('mounts hard and over TCP, and gives a guest’s bytes no rights', () => {
  const share = { server: 'nas', path: '/x', version } as const;
  const options = nfsOptions(share).split(',');
  for (const each of ['vers=4.1', 'hard', 'proto=tcp', 'nosuid', 'nodev', 'noexec'])
    assert.ok(options.includes(each), each);
  assert.ok(!options.some((each) => each.startsWith('port=') || each === 'nolock'));
  const third = nfsOptions({ ...share, version: '3', port: 12049 });
  assert.match(third, /^vers=3,.*nolock,port=12049/);
});

test('the mount point follows from the name', () => {
  assert.equal(nfsMountPoint('NAS One'), '/srv/nas-one');
  assert.equal(nfsMountPoint('..'), '/srv/repository');
  assert.match(nfsMountPoint('x'.repeat(63)), /^\/srv\/x{40}$/);
});
