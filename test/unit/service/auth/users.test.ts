import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AuditEvent } from '#core/audit.ts';
import { Secret } from '#core/secret.ts';
import { Attempts } from '#service/auth/attempts.ts';
import { SignIns } from '#service/auth/sign-ins.ts';
import { Tokens } from '#service/auth/tokens.ts';
import { newTotpSecret, totpCode, totpStep } from '#service/auth/totp.ts';
import { Users } from '#service/auth/users.ts';
import { countingIds } from '#test/support/test-clock.ts';
import { openTemporary } from '#test/unit/catalog/open-temporary.ts';

const password = new Secret('four small brown owls');
const other = new Secret('five large grey geese');

async function openUsers() {
  const made = await openTemporary();
  const { catalog, clock } = made;
  const events: AuditEvent[] = [];
  const signIns = new SignIns(clock);
  const attempts = new Attempts(clock);
  const record = async (event: AuditEvent): Promise<void> => void events.push(event);
  const users = new Users({ store: catalog, signIns, attempts, clock, record });
  const enter = (name: string, secret = password, code = '') =>
    users.signIn({ name, password: secret, code });
  return {
    made,
    clock,
    catalog,
    events,
    signIns,
    users,
    enter,
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

test('the first password makes an administrator, once', async () => {
  await using bench = await openUsers();
  const { users, enter, events } = bench;
  assert.equal(await users.isNew(), true);
  const first = await users.addFirst(password);
  assert.deepEqual([first.name, first.role], ['admin', 'administrator']);
  assert.ok(!('passwordHash' in first));
  await assert.rejects(users.addFirst(other), /is set already/);
  assert.equal((await enter('admin'))?.role, 'administrator');
  assert.equal(await enter('admin', other), undefined);
  assert.equal(await enter('nobody'), undefined);
  assert.deepEqual(
    events.map(({ who, target, outcome }) => [who, target, outcome]),
    [
      ['admin', 'admin', 'done'],
      ['admin', 'admin', 'refused'],
      ['nobody known', 'nobody', 'refused'],
    ],
  );
  assert.ok(!JSON.stringify(events).includes('geese'));
});

test('a change of role or password ends the sign-ins, and the last administrator stays', async () => {
  await using bench = await openUsers();
  const { users, signIns, enter } = bench;
  await users.addFirst(password);
  await users.add({ name: 'eva', role: 'viewer', password: other });
  await assert.rejects(users.add({ name: 'eva', role: 'viewer', password }), /already/);
  await assert.rejects(users.change('admin', { role: 'viewer' }), /last administrator/);
  await assert.rejects(users.remove('admin'), /last administrator/);
  const cookie = signIns.begin({ name: 'eva', role: 'viewer' });
  await users.change('eva', { role: 'administrator' });
  assert.equal(signIns.find(cookie), undefined);
  await users.change('admin', { password: other });
  assert.equal(await enter('admin'), undefined);
  assert.ok(await enter('admin', other));
  await users.remove('admin');
  assert.equal(await enter('admin', other), undefined);
  await assert.rejects(users.change('gone', {}), /There is no user gone/);
});

test('a second factor is asked for once it is proven, and its code counts once', async () => {
  await using bench = await openUsers();
  const { users, enter, clock, catalog, made } = bench;
  await users.addFirst(password);
  const secret = newTotpSecret();
  await assert.rejects(users.enrol('admin', secret, '000000x'), /Nothing was changed/);
  assert.ok(await enter('admin'), 'not on yet');
  const code = totpCode(secret, totpStep(clock.now()));
  await users.enrol('admin', secret, code);
  assert.equal(await enter('admin'), undefined);
  assert.equal(await enter('admin', password, code), undefined, 'it was used to switch it on');
  await clock.sleep(30_000);
  const next = totpCode(secret, totpStep(clock.now()));
  assert.ok(await enter('admin', password, next));
  assert.equal(await enter('admin', password, next), undefined, 'used');
  assert.equal((await catalog.totpSecret('admin'))?.reveal(), secret.reveal());
  const fresh = await made.reopen();
  assert.equal((await fresh.totpSecret('admin'))?.reveal(), secret.reveal(), 'sealed, and opened');
});

test('switching the second factor off forgets its secret', async () => {
  await using bench = await openUsers();
  const { users, enter, clock, catalog } = bench;
  await users.addFirst(password);
  const secret = newTotpSecret();
  await users.enrol('admin', secret, totpCode(secret, totpStep(clock.now())));
  await users.change('admin', { totp: false });
  assert.equal(await catalog.totpSecret('admin'), undefined);
  assert.ok(await enter('admin'));
});

test('a token is known by its digest until it expires or is revoked', async () => {
  await using made = await openTemporary();
  const { catalog, clock } = made;
  const tokens = new Tokens({ store: catalog, clock, ids: countingIds() });
  const { token, secret } = await tokens.add({
    name: 'monitoring',
    role: 'metrics',
    expiresAtMs: clock.now() + 1000,
    createdBy: 'admin',
  });
  assert.ok(!('digest' in token));
  assert.ok(!JSON.stringify(await catalog.listTokens()).includes(secret.reveal()));
  assert.equal((await tokens.find(secret.reveal()))?.role, 'metrics');
  assert.equal((await tokens.list())[0]?.lastUsedAtMs, clock.now());
  for (const wrong of ['', 'cf_', `${secret.reveal()}x`, secret.reveal().slice(0, -1)])
    assert.equal(await tokens.find(wrong), undefined, wrong);
  await clock.sleep(1000);
  assert.equal(await tokens.find(secret.reveal()), undefined, 'expired');
  const lasting = await tokens.add({ name: 'ci', role: 'viewer', createdBy: 'admin' });
  assert.ok(await tokens.find(lasting.secret.reveal()));
  await tokens.remove(lasting.token.id);
  await assert.rejects(tokens.remove(lasting.token.id), /There is no token/);
  await catalog.noteTokenUse(lasting.token.id, clock.now());
  assert.equal(await tokens.find(lasting.secret.reveal()), undefined, 'revoked');
  const past = { name: 'x', role: 'viewer', createdBy: 'admin', expiresAtMs: 1 } as const;
  await assert.rejects(tokens.add(past), /expired already/);
});
