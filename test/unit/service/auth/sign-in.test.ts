import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';
import { hashPassword, passwordMatches } from '#service/auth/password.ts';
import { csrfMatches, SignIns } from '#service/auth/sign-ins.ts';
import { Attempts } from '#service/auth/attempts.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

const admin = { name: 'admin', role: 'administrator' } as const;

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
  const token = signIns.begin(admin);
  assert.equal(signIns.find(token)?.user, 'admin');
  assert.equal(signIns.find('x'), undefined);
  await clock.advance(29 * 60_000);
  assert.ok(signIns.find(token), 'use keeps it alive');
  await clock.advance(31 * 60_000);
  assert.equal(signIns.find(token), undefined);
  const second = signIns.begin(admin);
  for (let i = 0; i < 25; i++) {
    signIns.find(second);
    await clock.advance(29 * 60_000);
  }
  assert.equal(signIns.find(second), undefined, 'twelve hours are the end');
  const third = signIns.begin(admin);
  signIns.end(third);
  assert.equal(signIns.find(third), undefined);
});

test('guessing slows down an account at a time, and a right password forgives', async () => {
  const clock = new FakeClock(0);
  const attempts = new Attempts(clock);
  for (let i = 0; i < 3; i++) attempts.failed('eva');
  attempts.assertMayTry('eva');
  attempts.failed('eva');
  assert.throws(() => attempts.assertMayTry('eva'), /2 seconds/);
  attempts.assertMayTry('admin');
  await clock.advance(2000);
  attempts.failed('eva');
  assert.throws(() => attempts.assertMayTry('eva'), /4 seconds/);
  for (let i = 0; i < 30; i++) attempts.failed('eva');
  assert.throws(() => attempts.assertMayTry('eva'), /900 seconds/);
  attempts.succeeded('eva');
  attempts.assertMayTry('eva');
});

test('a changed user is signed out everywhere, others are not', () => {
  const signIns = new SignIns(new FakeClock(0));
  const [one, two] = [signIns.begin(admin), signIns.begin(admin)];
  const other = signIns.begin({ name: 'eva', role: 'viewer' });
  signIns.endOf('admin');
  assert.equal(signIns.find(one), undefined);
  assert.equal(signIns.isValid(two), false);
  assert.equal(signIns.find(other)?.role, 'viewer');
});

test('a form needs the token of its own sign-in', () => {
  const signIns = new SignIns(new FakeClock(0));
  const one = signIns.find(signIns.begin(admin))!;
  const two = signIns.find(signIns.begin(admin))!;
  assert.equal(csrfMatches(one, one.csrf), true);
  for (const bad of [two.csrf, '', undefined, 7]) assert.equal(csrfMatches(one, bad), false);
});
