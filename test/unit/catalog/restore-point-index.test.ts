import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';

import { Level } from 'level';

import { openRestorePoints } from '#catalog/restore-points.ts';
import { Store } from '#catalog/store.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { seededRandom } from '#test/support/random.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

import { openTemporary } from './open-temporary.ts';

const ids = (points: readonly RestorePoint[]) => points.map(({ header }) => header.id);

function point(
  i: number,
  more: Partial<{ repositoryId: string; name: string }> = {},
): RestorePoint {
  const { repositoryId = 'repository000001', name = `vm${i % 50}` } = more;
  const made = sampleRestorePoint({
    id: `p${i}`,
    createdAtMs: 1000 + i,
    instanceUuid: `uuid${i % 50}`,
    repositoryId,
  });
  return { ...made, header: { ...made.header, vm: { ...made.header.vm, name } } };
}

/** Counts the rows that are read from each table. */
class CountingStore extends Store {
  readonly reads = new Map<string, number>();

  override sublevel(table: string): ReturnType<Store['sublevel']> {
    const real = super.sublevel(table);
    const count = (rows: number) => this.reads.set(table, (this.reads.get(table) ?? 0) + rows);
    return new Proxy(real, {
      get: (target, property) => {
        if (property === 'get')
          return (key: string) => {
            count(1);
            return target.get(key);
          };
        if (property === 'iterator' || property === 'keys')
          return (range: object) => {
            const iterator = property === 'keys' ? target.keys(range) : target.iterator(range);
            return {
              all: async () => {
                const rows = await iterator.all();
                count(rows.length);
                return rows;
              },
            };
          };
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}

it('reads of each list only what it gives, and nothing when it is opened', async () => {
  await using dir = await temporaryFolder();
  {
    await using store = new Store(new Level(join(dir.path, 'db')));
    const points = await openRestorePoints(store);
    await points.replaceRestorePoints(
      'r1',
      Array.from({ length: 2000 }, (_, i) => point(i)),
    );
  }
  await using store = new CountingStore(new Level(join(dir.path, 'db')));
  const points = await openRestorePoints(store);
  const total = () => [...store.reads.values()].reduce((sum, rows) => sum + rows, 0);
  assert.ok(total() <= 2, `opening read ${total()} rows`);
  const reads = async (work: () => Promise<unknown>): Promise<number> => {
    const before = total();
    await work();
    return total() - before;
  };
  const page = { limit: 10, after: { createdAtMs: 1500, id: 'p500' } };
  for (const filter of [
    { by: 'all' },
    { by: 'word', word: 'vm7' },
    { by: 'word', word: 'uuid7' },
    { by: 'repository', repositoryId: 'repository000001' },
  ] as const)
    assert.equal(await reads(() => points.listRestorePoints({ ...page, filter })), 20);
  assert.equal(await reads(() => points.removeRestorePoint('p3')), 1);
  const { vm } = point(7).header;
  assert.equal(await reads(() => points.restorePointsOfVm(vm)), 80);
  assert.equal(await reads(() => points.restorePointTimes()), 1999);
  await points.addRestorePoint(point(3));
  assert.equal(await reads(() => points.restorePointTimes()), 0, 'kept in step, not read again');
});

it('pages through the points of one VM, whether by name or UUID, without gaps', async () => {
  await using made = await openTemporary();
  const { catalog } = made;
  await catalog.replaceRestorePoints(
    'repository000001',
    Array.from({ length: 500 }, (_, i) => point(i)),
  );
  for (const word of ['vm3', 'uuid3']) {
    const seen: string[] = [];
    let after: RestorePoint['header'] | undefined;
    for (;;) {
      const page = await catalog.listRestorePoints({
        limit: 3,
        filter: { by: 'word', word },
        ...(after === undefined ? {} : { after }),
      });
      seen.push(...ids(page));
      after = page.at(-1)?.header;
      if (after === undefined) break;
    }
    assert.deepEqual(seen, [
      'p453',
      'p403',
      'p353',
      'p303',
      'p253',
      'p203',
      'p153',
      'p103',
      'p53',
      'p3',
    ]);
  }
});

it('follows a VM that was renamed and a point that moved to another repository', async () => {
  await using made = await openTemporary();
  const { catalog } = made;
  const list = async (word: string) =>
    ids(await catalog.listRestorePoints({ limit: 10, filter: { by: 'word', word } }));
  await catalog.addRestorePoint(point(1, { name: 'old' }));
  await catalog.addRestorePoint(point(51, { name: 'new' }));
  assert.deepEqual([await list('old'), await list('new')], [['p1'], ['p51']]);
  assert.deepEqual(await list('uuid1'), ['p51', 'p1']);
  await catalog.addRestorePoint(point(1, { name: 'new', repositoryId: 'r2' }));
  assert.deepEqual([await list('old'), await list('new')], [[], ['p51', 'p1']]);
  const inFirst: RestorePoint[] = [];
  for await (const each of catalog.restorePointsIn('repository000001')) inFirst.push(each);
  assert.deepEqual(ids(inFirst), ['p51']);
});

it('gives times that agree with a fresh read, whatever came and went', async () => {
  await using made = await openTemporary();
  const random = seededRandom(11);
  const { catalog } = made;
  await catalog.restorePointTimes();
  for (let round = 0; round < 300; round++) {
    const each = point(random.below(200));
    if (random.below(3) === 0) await catalog.removeRestorePoint(each.header.id);
    else await catalog.addRestorePoint(each);
  }
  const kept = await catalog.restorePointTimes();
  const fresh = await (await made.reopen()).restorePointTimes();
  assert.deepEqual(kept, fresh);
  assert.ok(kept.size > 20);
});

it('indexes a catalog that an older version wrote, once', async () => {
  await using dir = await temporaryFolder();
  const path = join(dir.path, 'db');
  {
    await using level = new Level(path);
    const old = level.sublevel('restore-points');
    for (let i = 0; i < 1200; i++) await old.put(`p${i}`, JSON.stringify(point(i)));
  }
  await using store = new Store(new Level(path));
  const points = await openRestorePoints(store);
  const found = await points.listRestorePoints({ limit: 5, filter: { by: 'word', word: 'vm9' } });
  assert.deepEqual(ids(found), ['p1159', 'p1109', 'p1059', 'p1009', 'p959']);
  assert.equal((await points.restorePointsOfVm(point(9).header.vm)).length, 24);
});

it('a rebuild writes only what differs', async () => {
  await using dir = await temporaryFolder();
  await using store = new CountingStore(new Level(join(dir.path, 'db')));
  let written = 0;
  const write = store.write.bind(store);
  store.write = (changes) => {
    written += changes.length;
    return write(changes);
  };
  const points = await openRestorePoints(store);
  const listed = Array.from({ length: 100 }, (_, i) => point(i));
  await points.replaceRestorePoints('repository000001', listed);
  written = 0;
  const moved = { ...listed[7]!, path: 'elsewhere/x.tar' };
  const result = await points.replaceRestorePoints(
    'repository000001',
    listed.with(7, moved).slice(0, 99),
    ['vm/gone.tar'],
  );
  assert.deepEqual(result, { added: 0, removed: 1 });
  assert.ok(written < 20, `${written} rows were written`);
  assert.deepEqual(await points.getRestorePoint('p7'), moved);
});
