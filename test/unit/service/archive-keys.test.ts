import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { checkRecipients, parseIdentities, recipientOf } from '#archive/age-keys.ts';
import type { RepositoryConfig } from '#core/config.ts';
import { Secret } from '#core/secret.ts';
import { createArchiveKeys } from '#service/operations/archive-keys.ts';
import { createRepositoryEncryption } from '#service/operations/repository-encryption.ts';
import { openTemporary, type TemporaryCatalog } from '#test/unit/catalog/open-temporary.ts';
import { ageKey } from '#test/support/age-program.ts';

async function openRing({ catalog, clock, dataDir }: TemporaryCatalog) {
  const heard: string[] = [];
  const make = () =>
    createArchiveKeys({
      store: catalog,
      rules: { parseIdentities, recipientOf },
      clock,
      guard: (identity) => heard.push(identity.reveal()),
    });
  const keys = [await ageKey(join(dataDir, 'a')), await ageKey(join(dataDir, 'b'))] as const;
  return { catalog, make, heard, keys };
}

test('a kept key is there after a restart, a lent one is not', async () => {
  await using opened = await openTemporary();
  const { make, heard, keys } = await openRing(opened);
  const ring = make();
  const [kept, lent] = keys;
  await ring.add({ name: 'kept', identity: kept.identity, keep: true });
  await ring.add({ name: 'lent', identity: lent.identity, keep: false });
  assert.deepEqual(
    (await ring.list()).map((key) => [key.name, key.kept, key.recipient]),
    [
      ['kept', true, kept.recipient],
      ['lent', false, lent.recipient],
    ],
  );
  const revealed = (await ring.identities()).map((each) => each.reveal());
  assert.deepEqual(revealed.toSorted(), keys.map(({ identity }) => identity.reveal()).toSorted());
  assert.ok(heard.includes(kept.identity.reveal()));

  const again = make();
  assert.deepEqual(
    (await again.list()).map(({ name }) => name),
    ['kept'],
  );
  await again.remove(kept.recipient);
  assert.deepEqual(await again.identities(), []);
  await assert.rejects(again.remove(kept.recipient), { code: 'not-found' });
});

test('what is no single key is refused, and never repeated', async () => {
  await using opened = await openTemporary();
  const { make, keys } = await openRing(opened);
  const ring = make();
  const both = keys.map(({ identity }) => identity.reveal()).join('\n');
  for (const text of ['', 'AGE-SECRET-KEY-1QQ', both, keys[0].recipient])
    await assert.rejects(
      ring.add({ name: 'x', identity: new Secret(text), keep: true }),
      (error: Error) => {
        assert.doesNotMatch(error.message, /AGE-SECRET-KEY-1[A-Z0-9]{2}/);
        return true;
      },
    );
  assert.deepEqual(await ring.list(), []);
});

test('a repository says whom it encrypts to, and whether that can be undone here', async () => {
  await using opened = await openTemporary();
  const { catalog, make, keys } = await openRing(opened);
  const ring = make();
  const [here, elsewhere] = keys;
  await ring.add({ name: 'here', identity: here.identity, keep: false });
  const main: RepositoryConfig = { id: 'r1', name: 'main', root: '/srv', addedAtMs: 1 };
  await catalog.saveRepository(main);
  const encryption = createRepositoryEncryption({
    store: catalog,
    repositories: { find: async () => (await catalog.getRepository('r1'))! },
    keys: ring,
    checkRecipients,
  });
  assert.deepEqual((await encryption.show('main')).recipients, []);
  const both = [here.recipient, elsewhere.recipient];
  const view = await encryption.set('main', [...both, here.recipient]);
  assert.deepEqual(view.recipients, [
    { recipient: here.recipient, keyIsHere: true },
    { recipient: elsewhere.recipient, keyIsHere: false },
  ]);
  assert.deepEqual((await catalog.getRepository('r1'))?.encryptTo, both);
  await assert.rejects(encryption.set('main', ['age1x']), { code: 'invalid-input' });
  assert.deepEqual((await catalog.getRepository('r1'))?.encryptTo, both);
  await encryption.set('main', []);
  assert.deepEqual(await catalog.getRepository('r1'), main);
});
