import assert from 'node:assert/strict';
import { test } from 'node:test';

import { archivePath, isArchivePath, splitArchivePath } from '#repository/archive-path.ts';

const parts = {
  vmName: 'app-01',
  vmInstanceUuid: '5021AAAA-bbbb-cccc-dddd-eeeeffff0000',
  createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  kind: 'full',
  id: 'abcdefgh23456777',
  compression: 'zstd',
} as const;

test('a path says which VM, when and what', () => {
  assert.equal(
    archivePath(parts),
    'app-01_5021aaaa-bbbb-cccc-dddd-eeeeffff0000/20260102T030405Z_full_abcdefgh23456777.tar.zst',
  );
  assert.match(
    archivePath({ ...parts, kind: 'incremental', compression: 'none' }),
    /Z_incr_abcdefgh23456777\.tar$/,
  );
});

const hostileNames: readonly [string, string][] = [
  ['../../etc/passwd', 'etc-passwd'],
  ['..', 'vm'],
  ['', 'vm'],
  ['.hidden', 'hidden'],
  ['a/b\\c:d*e?f"g<h>i|j', 'a-b-c-d-e-f-g-h-i-j'],
  ['nul\0byte\nline', 'nul-byte-line'],
  ['Müller & Söhne', 'Muller-Sohne'],
  ['数据库', 'vm'],
  ['under_score', 'under-score'],
  ['-rf', 'rf'],
  ['x'.repeat(300), 'x'.repeat(48)],
  ['a....b', 'a.b'],
  ['\u202egnp.exe', 'gnp.exe'],
];

for (const [name, expected] of hostileNames) {
  test(`VM name ${JSON.stringify(name.slice(0, 24))} becomes ${expected.slice(0, 24)}`, () => {
    const built = archivePath({ ...parts, vmName: name });
    assert.equal(built.split('_')[0], expected);
    assert.ok(isArchivePath(built));
  });
}

test('a hostile uuid cannot leave the folder', () => {
  const built = archivePath({ ...parts, vmInstanceUuid: '../../../x_y' });
  assert.equal(built.split('/')[0], 'app-01_xy');
  assert.throws(() => archivePath({ ...parts, vmInstanceUuid: '../..' }), { code: 'internal' });
});

for (const wrong of [
  '/etc/passwd',
  '../x_1/20260102T030405Z_full_a.tar',
  'x_1/../20260102T030405Z_full_a.tar',
  'x_1/20260102T030405Z_full_a.tar/..',
  'x_1/20260102T030405Z_full_a.tar.partial',
  'x_1/notes.txt',
  '.x_1/20260102T030405Z_full_a.tar',
]) {
  test(`${wrong} is no archive path`, () => {
    assert.throws(() => splitArchivePath(wrong), { code: 'invalid-input' });
  });
}
