import assert from 'node:assert/strict';
import { test } from 'node:test';

import { armor, Decrypter, Encrypter } from 'age-encryption';

import { Secret } from '#core/secret.ts';
import { openWithPassphrase, sealToPassphrase } from '#service/passphrase.ts';

const passphrase = new Secret('correct horse battery staple');

test('what is sealed is an age file that the library opens, and nothing but the passphrase does', async () => {
  const sealed = await sealToPassphrase('{"a":1}', passphrase);
  assert.match(sealed, /^-----BEGIN AGE ENCRYPTED FILE-----\n/);
  assert.doesNotMatch(sealed, /correct|"a"/);
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase.reveal());
  assert.equal(await decrypter.decrypt(armor.decode(sealed), 'text'), '{"a":1}');
  assert.equal(await openWithPassphrase(sealed, passphrase), '{"a":1}');
  await assert.rejects(openWithPassphrase(sealed, new Secret('wrong')), { code: 'login-refused' });
  const changed = sealed.replace(
    /\n(.)(.*)\n-----END/,
    (_, first: string, rest: string) => `\n${first === 'A' ? 'B' : 'A'}${rest}\n-----END`,
  );
  await assert.rejects(openWithPassphrase(changed, passphrase), { code: 'invalid-input' });
});

test('what others sealed is opened, within reason', async () => {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase.reveal());
  encrypter.setScryptWorkFactor(10);
  const sealed = armor.encode(await encrypter.encrypt('text'));
  assert.equal(await openWithPassphrase(sealed, passphrase), 'text');
  const header = 'age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 40\n';
  const hostile = armor.encode(Buffer.from(`${header}${'A'.repeat(43)}\n--- ${'A'.repeat(43)}\n`));
  await assert.rejects(openWithPassphrase(hostile, passphrase), { code: 'invalid-input' });
  await assert.rejects(openWithPassphrase('nonsense', passphrase), { code: 'invalid-input' });
});
