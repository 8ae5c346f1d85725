import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM: version byte, nonce, tag, ciphertext, in base64. The secret's name is
 * authenticated with it, so that one entry cannot be put in another's place.
 */
export function sealSecret(key: Buffer, name: string, secret: Secret): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(name));
  const body = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), body]).toString('base64');
}

export function unsealSecret(key: Buffer, name: string, sealed: string): Secret {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes[0] !== version || bytes.length < 1 + nonceBytes + tagBytes)
    throw new ColdframeError('internal', `The saved secret "${name}" has an unknown form.`);
  const bodyAt = 1 + nonceBytes + tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(name));
  decipher.setAuthTag(bytes.subarray(1 + nonceBytes, bodyAt));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(bodyAt)), decipher.final()]);
    return new Secret(text.toString('utf8'));
  } catch (error) {
    throw new ColdframeError(
      'invalid-input',
      `The saved secret "${name}" cannot be decrypted with this key. Put the right secret.key back, or enter the password again.`,
      { cause: error },
    );
  }
}
