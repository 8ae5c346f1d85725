import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';
import { hashPassword, passwordMatches } from '#service/web/password.ts';
import { csrfMatches, SignIns } from '#service/web/sign-ins.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

test('a password matches its hash and nothing else; short ones are refused', async () => {
  const hash = await hashPassword(new Secret('four small brown owls'));
  assert.ok(!hash.includes('owls'));
  assert.equal(await passwordMatches(new Secret('four small brown owls'), hash), true);
  assert.equal(await passwordMatches(new Secret('four small brown owl'), hash), false);
  await assert.rejects(hashPassword(new Secret('short')), ColdframeError);
});

test('a sign-in ends after half an hour of rest, after twelve hours, and when told', async () => {
  const clock = new FakeClock(0);
  const signIns = new SignIns(clock);
  const token = signIns.begin('admin');
  assert.equal(signIns.find(token)?.user, 'admin');
  assert.equal(signIns.find('x'), undefined);
  await clock.advance(29 * 60_000);
  assert.ok(signIns.find(token), 'use keeps it alive');
  await clock.advance(31 * 60_000);
  assert.equal(signIns.find(token), undefined);
  const second = signIns.begin('admin');
  for (let i = 0; i < 25; i++) {
    signIns.find(second);
    await clock.advance(29 * 60_000);
  }
  assert.equal(signIns.find(second), undefined, 'twelve hours are the end');
  const third = signIns.begin('admin');
  signIns.end(third);
  assert.equal(signIns.find(third), undefined);
});

test('guessing slows down, and a right password forgives', async () => {
  const clock = new FakeClock(0);
  const signIns = new SignIns(clock);
  for (let i = 0; i < 3; i++) signIns.failed();
  signIns.assertMayTry();
  signIns.failed();
  assert.throws(() => signIns.assertMayTry(), /2 seconds/);
  await clock.advance(2000);
  signIns.failed();
  assert.throws(() => signIns.assertMayTry(), /4 seconds/);
  signIns.begin('admin');
  signIns.assertMayTry();
});

test('a form needs the token of its own sign-in', () => {
  const signIns = new SignIns(new FakeClock(0));
  const one = signIns.find(signIns.begin('admin'))!;
  const two = signIns.find(signIns.begin('admin'))!;
  assert.equal(csrfMatches(one, one.csrf), true);
  for (const bad of [two.csrf, '', undefined, 7]) assert.equal(csrfMatches(one, bad), false);
});
