import assert from 'node:assert/strict';
import { test } from 'node:test';

import { childPath, parseGuestPath } from '#files/guest-path.ts';
import { hostileNames } from '#test/support/hostile-names.ts';
import { seededRandom } from '#test/support/random.ts';

test('any name survives as text: bytes, not characters', () => {
  const random = seededRandom(5);
  for (let round = 0; round < 200; round++) {
    const name = Buffer.alloc(1 + random.below(40));
    random.fill(name);
    for (const [i, byte] of name.entries()) if (byte === 0 || byte === 0x2f) name[i] = 0x25;
    const text = childPath('/sda1/', name);
    assert.match(text, /^\/sda1\/[!-~]+$/);
    const parsed = parseGuestPath(text);
    assert.equal(parsed.volume, 'sda1');
    assert.ok(parsed.bytes.equals(Buffer.concat([Buffer.from('/sda1/'), name])));
  }
  for (const name of hostileNames) {
    if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) continue;
    const { bytes } = parseGuestPath(childPath('/x', Buffer.from(name)));
    assert.equal(bytes.toString(), `/x/${name}`);
  }
});

test('the root, and what is no path', () => {
  assert.deepEqual(parseGuestPath('//'), { volume: undefined, bytes: Buffer.from('/') });
  assert.equal(parseGuestPath('/a//b/').bytes.toString(), '/a/b');
  for (const text of [
    '',
    'sda1',
    '/a/../b',
    '/a/%2e%2e/b',
    '/a/.',
    '/a/%2Fb',
    '/a/%00',
    '/a/%zz',
    '/%',
  ])
    assert.throws(() => parseGuestPath(text), { code: 'invalid-input' }, text);
});
