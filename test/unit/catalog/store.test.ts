import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';

import { Level } from 'level';
import { z } from 'zod';

import { openCatalog } from '#catalog/open-catalog.ts';
import { Store } from '#catalog/store.ts';
import { openTable } from '#catalog/table.ts';
import { below, joinKey, newestFirst } from '#catalog/time-key.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { countingIds, testClock } from '#test/support/test-clock.ts';

async function openStore() {
  const folder = await temporaryFolder();
  const level = new Level(join(folder.path, 'db'));
  await level.open();
  const store = new Store(level);
  return {
    store,
    numbers: openTable(store, 'numbers', z.number()),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

it('writes all changes of a call, in the order of the calls', async () => {
  await using made = await openStore();
  const { store, numbers } = made;
  const writes = Array.from({ length: 500 }, (_, i) =>
    store.write([
      numbers.set('last', i),
      numbers.set(`n${i % 7}`, i),
      numbers.remove(`n${(i + 1) % 7}`),
    ]),
  );
  await Promise.all(writes);
  assert.equal(await numbers.get('last'), 499);
  assert.equal(await numbers.get('n2'), 499);
  assert.equal(await numbers.get('n3'), undefined);
});

it('has what it confirmed, also when it is closed at once', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'db');
  const level = new Level(path);
  await level.open();
  const store = new Store(level);
  const numbers = openTable(store, 'numbers', z.number());
  const written = store.write([numbers.set('a', 1)]);
  await store[Symbol.asyncDispose]();
  await written;
  const again = new Level(path);
  assert.equal(await again.sublevel('numbers').get('a'), '1');
  await again.close();
});

it('tells every writer of a failed batch, and goes on telling', async () => {
  await using made = await openStore();
  const { store, numbers } = made;
  await store[Symbol.asyncDispose]();
  const results = await Promise.allSettled([
    store.write([numbers.set('a', 1)]),
    store.write([numbers.set('b', 2)]),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  await assert.rejects(store.write([numbers.set('c', 3)]));
});

it('keeps tables apart whose names begin alike', async () => {
  await using made = await openStore();
  const { store, numbers } = made;
  const more = openTable(store, 'numbers-2', z.number());
  await store.write([numbers.set('a', 1), more.set('a', 2), more.set('b', 3)]);
  assert.deepEqual(await numbers.values(), [1]);
  assert.deepEqual(await more.keys({ gt: 'a' }), ['b']);
});

it('makes keys that sort newest first and never run into each other', () => {
  assert.ok(newestFirst(2000) < newestFirst(1999));
  assert.ok(newestFirst(10_000_000) < newestFirst(9_999_999));
  const range = below('a', 'b');
  const inside = (key: string): boolean => key >= range.gte && key < range.lt;
  assert.ok(inside(joinKey('a', 'b', 'x')));
  for (const parts of [
    ['a', 'bc', 'x'],
    ['a/b', 'x'],
    ['a', 'b'],
    ['a', 'b0'],
    ['a', 'b%2F'],
  ])
    assert.ok(!inside(joinKey(...parts)), parts.join(' '));
});

it('says what to do with a damaged database', async () => {
  await using folder = await temporaryFolder();
  const options = { dataDir: folder.path, clock: testClock(), ids: countingIds() };
  await (await openCatalog(options))[Symbol.asyncDispose]();
  await writeFile(join(folder.path, 'catalog', 'CURRENT'), 'MANIFEST-999999\n');
  await assert.rejects(openCatalog(options), {
    code: 'io',
    message: /Move that folder away|cannot be opened/,
  });
});
