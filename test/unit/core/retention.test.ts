import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideRetention, type RetentionPoint, type RetentionPolicy } from '#core/retention.ts';
import { seededRandom } from '#test/support/random.ts';

const at = (iso: string, more: Partial<RetentionPoint> = {}): RetentionPoint => ({
  id: iso,
  createdAtMs: Date.parse(iso),
  parentId: null,
  pinned: false,
  ...more,
});
const kept = (points: readonly RetentionPoint[], policy: RetentionPolicy): string[] =>
  decideRetention(points, policy)
    .filter((v) => v.keep)
    .map((v) => v.id);
const utc = { timeZone: 'UTC' };

test('last keeps the newest, whatever the order they come in', () => {
  const points = ['2026-01-02', '2026-01-04', '2026-01-01', '2026-01-03'].map((d) =>
    at(`${d}T00:00Z`),
  );
  assert.deepEqual(kept(points, { ...utc, last: 2 }), ['2026-01-04T00:00Z', '2026-01-03T00:00Z']);
});

test('daily keeps the newest point of each day that has one, and skips empty days', () => {
  const points = ['01T01', '01T23', '02T05', '05T05', '05T06'].map((d) => at(`2026-01-${d}:00Z`));
  assert.deepEqual(kept(points, { ...utc, daily: 3 }), [
    '2026-01-05T06:00Z',
    '2026-01-02T05:00Z',
    '2026-01-01T23:00Z',
  ]);
});

test('a day begins where the time zone says', () => {
  const points = [at('2026-06-01T21:30Z'), at('2026-06-01T22:30Z')];
  assert.equal(kept(points, { timeZone: 'UTC', daily: 9 }).length, 1);
  assert.equal(kept(points, { timeZone: 'Europe/Berlin', daily: 9 }).length, 2);
});

test('the hour that comes twice when summer time ends counts as two', () => {
  const points = [at('2026-10-25T00:30Z'), at('2026-10-25T01:30Z')];
  assert.equal(kept(points, { timeZone: 'Europe/Berlin', hourly: 9 }).length, 2);
});

test('weeks are ISO weeks across the turn of the year', () => {
  const verdicts = decideRetention(
    [at('2026-12-31T12:00Z'), at('2027-01-03T12:00Z'), at('2027-01-04T12:00Z')],
    {
      ...utc,
      weekly: 9,
    },
  );
  assert.deepEqual(
    verdicts.filter((v) => v.keep).map((v) => v.reasons[0]),
    [
      { rule: 'weekly', period: '2027-W01' },
      { rule: 'weekly', period: '2026-W53' },
    ],
  );
});

test('a chain that a kept point needs is kept, with the reason', () => {
  const points = [
    at('2026-01-01T00:00Z'),
    at('2026-01-02T00:00Z', { parentId: '2026-01-01T00:00Z' }),
    at('2026-01-03T00:00Z', { parentId: '2026-01-02T00:00Z' }),
  ];
  const verdicts = decideRetention(points, { ...utc, last: 1 });
  assert.ok(verdicts.every((v) => v.keep));
  assert.deepEqual(verdicts[2]?.reasons, [{ rule: 'needed', by: '2026-01-02T00:00Z' }]);
});

test('pinned points stay, and an empty policy still keeps the newest', () => {
  const points = [
    at('2026-01-01T00:00Z', { pinned: true }),
    at('2026-01-02T00:00Z'),
    at('2026-01-03T00:00Z'),
  ];
  assert.deepEqual(kept(points, utc), ['2026-01-03T00:00Z', '2026-01-01T00:00Z']);
  assert.equal(kept(points, { ...utc, minimum: 2 }).length, 3);
});

test('for random histories: parents of kept points are kept, the newest never goes, more policy never keeps less', () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = seededRandom(seed);
    const points: RetentionPoint[] = [];
    let now = Date.parse('2026-01-01T00:00Z');
    for (let i = 0; i < 60; i++) {
      now += (1 + random.below(40)) * 3_600_000;
      const parent = points.at(-1);
      const incremental = parent !== undefined && random.next() < 0.8;
      points.push({
        id: `p${i}`,
        createdAtMs: now,
        parentId: incremental ? parent.id : null,
        pinned: random.next() < 0.05,
      });
    }
    const policy = {
      ...utc,
      last: random.below(5),
      daily: random.below(9),
      weekly: random.below(5),
      monthly: random.below(4),
    };
    const keptIds = new Set(kept(points, policy));
    assert.ok(keptIds.has('p59'), `seed ${seed}`);
    for (const point of points)
      if (keptIds.has(point.id) && point.parentId !== null)
        assert.ok(keptIds.has(point.parentId), `seed ${seed}: ${point.id} lost its parent`);
    const more = new Set(kept(points, { ...policy, daily: policy.daily + 3, yearly: 2 }));
    for (const id of keptIds) assert.ok(more.has(id), `seed ${seed}: ${id}`);
  }
});
