import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { Level } from 'level';

import { openCatalog } from '#catalog/open-catalog.ts';
import type { AuditEntry, AuditEvent } from '#core/audit.ts';
import { countingIds } from '#test/support/test-clock.ts';

import { openTemporary, type TemporaryCatalog } from './open-temporary.ts';

const event = (n: number): AuditEvent => ({
  who: 'eva',
  via: 'page',
  action: 'POST /restores',
  target: `/restores/${n}`,
  outcome: 'done',
});

async function fill(made: TemporaryCatalog, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, i) => made.catalog.appendAudit(event(i + 1))),
  );
}

test('entries follow one another, also over a restart and when they come at once', async () => {
  await using made = await openTemporary();
  assert.deepEqual(await made.catalog.checkAudit(), { entries: 0 });
  await fill(made, 5);
  const catalog = await made.reopen();
  const sixth = await catalog.appendAudit(event(6));
  assert.equal(sixth.seq, 6);
  const all = await catalog.listAudit({ limit: 10 });
  assert.deepEqual(
    all.map(({ seq, target }) => [seq, target]),
    [6, 5, 4, 3, 2, 1].map((n) => [n, `/restores/${n}`]),
  );
  assert.deepEqual(
    (await catalog.listAudit({ limit: 2, before: 5 })).map(({ seq }) => seq),
    [4, 3],
  );
  assert.deepEqual(await catalog.listAudit({ limit: 5, before: 1 }), []);
  const head = { seq: 6, digest: sixth.digest };
  assert.deepEqual(await catalog.checkAudit(), { entries: 6, head });
});

const forgeries: readonly (readonly [string, (entry: AuditEntry) => unknown, RegExp])[] = [
  ['another name', (entry) => ({ ...entry, who: 'admin' }), /changed/],
  ['another time', (entry) => ({ ...entry, timeMs: entry.timeMs + 1 }), /changed/],
  ['an added detail', (entry) => ({ ...entry, detail: 'x' }), /changed/],
  ['another predecessor', (entry) => ({ ...entry, previous: '0'.repeat(64) }), /follow/],
  ['nothing at all', () => undefined, /missing/],
];
for (const [what, forge, words] of forgeries)
  test(`says where ${what} was put in`, async () => {
    await using made = await openTemporary();
    await fill(made, 5);
    await made.catalog[Symbol.asyncDispose]();
    {
      // As somebody would who has the database and not the key.
      const level = new Level(join(made.dataDir, 'catalog'));
      const table = level.sublevel('audit');
      const key = '3'.padStart(15, '0');
      const forged = forge(JSON.parse((await table.get(key))!) as AuditEntry);
      await (forged === undefined ? table.del(key) : table.put(key, JSON.stringify(forged)));
      await level.close();
    }
    await using catalog = await openCatalog({
      dataDir: made.dataDir,
      clock: made.clock,
      ids: countingIds(),
    });
    const { entries, head, broken } = await catalog.checkAudit();
    assert.deepEqual([entries, head?.seq, broken?.seq], [2, 2, 3]);
    assert.match(broken?.reason ?? '', words);
  });
