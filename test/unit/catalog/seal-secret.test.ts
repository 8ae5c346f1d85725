import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { it } from 'node:test';

import { sealSecret, unsealSecret } from '#catalog/seal-secret.ts';
import { Secret } from '#core/secret.ts';

const key = randomBytes(32);

it('gives back what was sealed, also the empty string and every kind of character', () => {
  for (const text of ['', 'p', 'pässwörd 🔑\n"', 'x'.repeat(5000)])
    assert.equal(unsealSecret(key, 'n', sealSecret(key, 'n', new Secret(text))).reveal(), text);
});

it('never seals the same way twice', () => {
  const secret = new Secret('same');
  assert.notEqual(sealSecret(key, 'n', secret), sealSecret(key, 'n', secret));
});

it('refuses another key, another name and any flipped bit', () => {
  const sealed = sealSecret(key, 'endpoint/a', new Secret('password'));
  assert.throws(() => unsealSecret(randomBytes(32), 'endpoint/a', sealed), /cannot be decrypted/);
  assert.throws(() => unsealSecret(key, 'endpoint/b', sealed), /cannot be decrypted/);
  const bytes = Buffer.from(sealed, 'base64');
  for (let i = 0; i < bytes.length * 8; i++) {
    const flipped = Buffer.from(bytes);
    flipped[i >> 3]! ^= 1 << (i & 7);
    assert.throws(() => unsealSecret(key, 'endpoint/a', flipped.toString('base64')));
  }
});

it('refuses a sealed secret that was cut', () => {
  const sealed = Buffer.from(sealSecret(key, 'n', new Secret('password')), 'base64');
  for (let length = 0; length < sealed.length; length++)
    assert.throws(() => unsealSecret(key, 'n', sealed.subarray(0, length).toString('base64')));
});
