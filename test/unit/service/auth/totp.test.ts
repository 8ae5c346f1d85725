import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Secret } from '#core/secret.ts';
import { matchTotp, newTotpSecret, totpCode, totpLink, totpStep } from '#service/auth/totp.ts';

/** RFC 6238, appendix B: "12345678901234567890" in base 32; its eight digits end in our six. */
const published = new Secret('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
const vectors: readonly (readonly [number, string])[] = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
];

for (const [seconds, code] of vectors)
  test(`gives the RFC's code at ${seconds} s`, () => {
    assert.equal(totpCode(published, totpStep(seconds * 1000)), code.slice(2));
  });

test('takes a code one step early or late, once, and never an older one', () => {
  const nowMs = 1_700_000_000_000;
  const step = totpStep(nowMs);
  for (const near of [step - 1, step, step + 1])
    assert.equal(matchTotp(published, totpCode(published, near), { nowMs, usedStep: 0 }), near);
  for (const far of [step - 2, step + 2])
    assert.equal(matchTotp(published, totpCode(published, far), { nowMs, usedStep: 0 }), undefined);
  const again = { nowMs, usedStep: step };
  assert.equal(matchTotp(published, totpCode(published, step), again), undefined);
  assert.equal(matchTotp(published, totpCode(published, step - 1), again), undefined);
  assert.equal(matchTotp(published, totpCode(published, step + 1), again), step + 1);
});

test('takes spaces, and nothing that is not six digits', () => {
  const nowMs = 59_000;
  assert.equal(matchTotp(published, '287 082', { nowMs, usedStep: 0 }), 1);
  for (const wrong of ['', '28708', '2870822', 'abcdef', '94287082'])
    assert.equal(matchTotp(published, wrong, { nowMs, usedStep: 0 }), undefined);
});

test('makes secrets of 160 bits that a link carries', () => {
  const secret = newTotpSecret();
  assert.match(secret.reveal(), /^[A-Z2-7]{32}$/);
  assert.notEqual(secret.reveal(), newTotpSecret().reveal());
  assert.equal(
    totpLink(secret, 'a b'),
    `otpauth://totp/coldframe:a%20b?secret=${secret.reveal()}&issuer=coldframe`,
  );
});
