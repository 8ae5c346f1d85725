import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

import { ColdframeError } from '#core/error.ts';
import type { Secret } from '#core/secret.ts';

const derive = promisify<
  Buffer,
  Buffer,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt);

/** OWASP's advice for scrypt: 2^17, 8, 1 (128 MiB, about a third of a second). */
const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 160 * 2 ** 20 };
export const shortestPassword = 12;

/** "scrypt$<N>$<r>$<p>$<salt>$<key>", salt and key in base64url. */
export async function hashPassword(password: Secret): Promise<string> {
  if (password.reveal().length < shortestPassword)
    throw new ColdframeError(
      'invalid-input',
      `The password is too short. Use at least ${shortestPassword} characters; four words do well.`,
    );
  const salt = randomBytes(16);
  const key = await derive(Buffer.from(password.reveal()), salt, 32, cost);
  return [
    'scrypt',
    cost.N,
    cost.r,
    cost.p,
    salt.toString('base64url'),
    key.toString('base64url'),
  ].join('$');
}

export async function passwordMatches(password: Secret, hash: string): Promise<boolean> {
  const [scheme, n, r, p, salt = '', key = ''] = hash.split('$');
  if (scheme !== 'scrypt')
    throw new ColdframeError('internal', 'The stored password is of an unknown kind. Set it anew.');
  const expected = Buffer.from(key, 'base64url');
  const parameters = { N: Number(n), r: Number(r), p: Number(p), maxmem: cost.maxmem };
  const given = await derive(
    Buffer.from(password.reveal()),
    Buffer.from(salt, 'base64url'),
    expected.length,
    parameters,
  );
  return timingSafeEqual(given, expected);
}
