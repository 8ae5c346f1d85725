import {
  createCipheriv,
  createDecipheriv,
  randomBytes,
  scrypt as scryptWithCallback,
} from 'node:crypto';
import { promisify } from 'node:util';

import { armor, Decrypter, Encrypter, Stanza } from 'age-encryption';

import { ColdframeError } from '#core/error.ts';
import type { Secret } from '#core/secret.ts';

const scrypt = promisify<Buffer, Buffer, number, object, Buffer>(scryptWithCallback);

/** As age has it: a second or two and 256 MiB. */
const workFactor = 18;
/** A file of somebody else's making must not use up the machine. */
const mostWork = 20;
const label = 'age-encryption.org/v1/scrypt';
const tagBytes = 16;
const fileKeyBytes = 16;

/**
 * Seals a text to a passphrase, as an armored age file that `age -d` opens too. The library would do
 * the scrypt in this thread, which must not stand still; Node does it on another.
 */
export async function sealToPassphrase(text: string, passphrase: Secret): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient({
    wrapFileKey: async (fileKey) => {
      const salt = randomBytes(16);
      const cipher = createCipheriv(
        'chacha20-poly1305',
        await keyOf(passphrase, salt, workFactor),
        Buffer.alloc(12),
        { authTagLength: tagBytes },
      );
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      const saltText = salt.toString('base64').replaceAll('=', '');
      return [new Stanza(['scrypt', saltText, String(workFactor)], body)];
    },
  });
  return armor.encode(await encrypter.encrypt(text));
}

/** Throws 'login-refused' when the passphrase is wrong, 'invalid-input' when the text is no such file. */
export async function openWithPassphrase(sealed: string, passphrase: Secret): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addIdentity({ unwrapFileKey: (stanzas: Stanza[]) => fileKeyOf(stanzas, passphrase) });
  try {
    return await decrypter.decrypt(armor.decode(sealed), 'text');
  } catch (cause) {
    if (cause instanceof ColdframeError) throw cause;
    throw new ColdframeError(
      'invalid-input',
      'The sealed secrets are damaged. Export them again.',
      {
        cause,
      },
    );
  }
}

async function fileKeyOf(stanzas: readonly Stanza[], passphrase: Secret): Promise<Buffer> {
  const [stanza, another] = stanzas;
  const [type, salt = '', work = ''] = stanza?.args ?? [];
  const isOurs = type === 'scrypt' && another === undefined && /^[1-9][0-9]?$/.test(work);
  if (!isOurs || Number(work) > mostWork || stanza?.body.length !== fileKeyBytes + tagBytes)
    throw new ColdframeError('invalid-input', 'The secrets are not sealed to a passphrase.');
  const key = await keyOf(passphrase, Buffer.from(salt, 'base64'), Number(work));
  const decipher = createDecipheriv('chacha20-poly1305', key, Buffer.alloc(12), {
    authTagLength: tagBytes,
  });
  decipher.setAuthTag(stanza.body.subarray(fileKeyBytes));
  try {
    const fileKey = decipher.update(stanza.body.subarray(0, fileKeyBytes));
    decipher.final();
    return fileKey;
  } catch (cause) {
    throw new ColdframeError('login-refused', 'The passphrase is wrong.', { cause });
  }
}

function keyOf(passphrase: Secret, salt: Buffer, work: number): Promise<Buffer> {
  const N = 2 ** work;
  const options = { N, r: 8, p: 1, maxmem: 2 * 128 * N * 8 };
  return scrypt(
    Buffer.from(passphrase.reveal(), 'utf8'),
    Buffer.concat([Buffer.from(label), salt]),
    32,
    options,
  );
}
