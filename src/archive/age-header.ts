import { randomBytes, type KeyObject } from 'node:crypto';

import type { Secret } from '#core/secret.ts';

import { payloadKey, payloadNonceBytes } from './age-payload.ts';

const magic = Buffer.from('age-encryption.org/v1\n');
export const ageMagicBytes = magic.length;
/** Hundreds of recipients; readers refuse more before they search. */
export const maxAgeHeaderBytes = 64 * 1024;

/** What comes before the payload, and the key that seals it. */
export interface AgeStart {
  /** Header and nonce. */
  readonly bytes: Buffer;
  readonly key: KeyObject;
}

/** Begins a file that each of the recipients (age1...) can open, and nobody else: the key is kept nowhere. */
export async function makeAgeStart(recipients: readonly string[]): Promise<AgeStart> {
  const { Encrypter } = await loadAge();
  const encrypter = new Encrypter();
  let fileKey = new Uint8Array();
  // The library makes the header; the payload is ours, for its speed.
  encrypter.addRecipient({
    wrapFileKey: (key) => {
      fileKey = Uint8Array.from(key);
      return [];
    },
  });
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const whole = Buffer.from(await encrypter.encrypt(new Uint8Array()));
  const headerBytes = headerLength(whole);
  if (headerBytes === undefined) throw new TypeError('the age library made no header');
  const nonce = randomBytes(payloadNonceBytes);
  return {
    bytes: Buffer.concat([whole.subarray(0, headerBytes), nonce]),
    key: payloadKey(fileKey, nonce),
  };
}

/** By the first bytes of a file. */
export function isAgeFile(start: Uint8Array): boolean {
  return magic.equals(start.subarray(0, magic.length));
}

/** Length of the header, without the nonce, at the beginning of `start`; undefined when it has no end there. */
export function headerLength(start: Buffer): number | undefined {
  const mac = start.indexOf('\n--- ');
  if (mac < 0) return undefined;
  const end = start.indexOf('\n', mac + 1);
  return end < 0 ? undefined : end + 1;
}

/** The file key; undefined when none of the identities opens it. Throws when the header is not valid. */
export async function openAgeHeader(
  header: Uint8Array,
  identities: readonly Secret[],
): Promise<Uint8Array | undefined> {
  const { Decrypter } = await loadAge();
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity.reveal());
  const noneFits = new Error('no identity opens the header');
  // Asked last; the library's own answer can only be told by its words.
  decrypter.addIdentity({
    unwrapFileKey: () => {
      throw noneFits;
    },
  });
  try {
    return await decrypter.decryptHeader(header);
  } catch (error) {
    if (error === noneFits) return undefined;
    throw error;
  }
}

/** Loaded when something is encrypted; most movers never need it. */
export async function loadAge() {
  return import('age-encryption');
}
