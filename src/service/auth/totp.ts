import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import { Secret } from '#core/secret.ts';

const stepMs = 30_000;
const digits = 6;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** 160 random bits in base 32, as authenticators take them. */
export function newTotpSecret(): Secret {
  const bytes = randomBytes(20);
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  const groups = bits.match(/.{5}/g) ?? [];
  return new Secret(groups.map((group) => alphabet[Number.parseInt(group, 2)]).join(''));
}

/** For authenticators that open links; shown once. */
export function totpLink(secret: Secret, user: string): string {
  return `otpauth://totp/coldframe:${encodeURIComponent(user)}?secret=${secret.reveal()}&issuer=coldframe`;
}

/** RFC 6238 with SHA-1, 30 s and six digits, the one kind that every authenticator knows. */
export function totpCode(secret: Secret, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', fromBase32(secret.reveal())).update(counter).digest();
  const at = mac.readUInt8(mac.length - 1) & 0xf;
  const value = (mac.readUInt32BE(at) & 0x7fff_ffff) % 10 ** digits;
  return String(value).padStart(digits, '0');
}

export function totpStep(nowMs: number): number {
  return Math.floor(nowMs / stepMs);
}

/**
 * The step that a code belongs to, one back and one ahead allowed for slow fingers and clocks;
 * undefined when it fits none after `usedStep`: a code is good once.
 */
export function matchTotp(
  secret: Secret,
  code: string,
  { nowMs, usedStep }: { readonly nowMs: number; readonly usedStep: number },
): number | undefined {
  const given = Buffer.from(code.replaceAll(/\s/g, ''));
  if (given.length !== digits) return undefined;
  const now = totpStep(nowMs);
  return [now - 1, now, now + 1].find(
    (step) => step > usedStep && timingSafeEqual(Buffer.from(totpCode(secret, step)), given),
  );
}

function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
