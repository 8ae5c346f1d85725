import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decideRetention, keepParents } from '#core/retention.ts';
import { simulateRetention } from '#core/retention-simulation.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1, 22);
const days = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => start + i * dayMs);

test('says when each point goes, and how many there are after each run', () => {
  const { points, counts } = simulateRetention({
    policy: { daily: 3, timeZone: 'UTC' },
    points: [{ id: 'old', createdAtMs: start - dayMs, parentId: null, pinned: false }],
    times: days(6),
    maxChainLength: 0,
  });
  assert.deepEqual(
    counts.map((count) => count.points),
    [2, 3, 3, 3, 3, 3],
  );
  assert.deepEqual(points[0], {
    id: 'old',
    createdAtMs: start - dayMs,
    coming: false,
    goneAtMs: start + 2 * dayMs,
  });
  assert.deepEqual(
    points.filter(({ goneAtMs }) => goneAtMs === undefined).map(({ id }) => id),
    ['coming-4', 'coming-5', 'coming-6'],
  );
});

test('chains keep points longer, up to their greatest length, counted from what is there', () => {
  const there = { createdAtMs: start - dayMs, pinned: false };
  const { points } = simulateRetention({
    policy: { last: 1, timeZone: 'UTC' },
    points: [
      { ...there, id: 'full', createdAtMs: start - 2 * dayMs, parentId: null },
      { ...there, id: 'incremental', parentId: 'full' },
    ],
    times: days(5),
    maxChainLength: 2,
  });
  // One more incremental fits; the full after it lets the whole chain go.
  assert.deepEqual(
    points.map(({ goneAtMs }) => goneAtMs),
    [
      start + dayMs,
      start + dayMs,
      start + dayMs,
      start + 4 * dayMs,
      start + 4 * dayMs,
      start + 4 * dayMs,
      undefined,
    ],
  );
});

test('ends with what one decision over everything would leave', () => {
  const policy = { daily: 7, weekly: 4, monthly: 12, timeZone: 'Europe/Berlin' };
  const times = days(400);
  const { points } = simulateRetention({ policy, points: [], times, maxChainLength: 0 });
  const left = points
    .filter(({ goneAtMs }) => goneAtMs === undefined)
    .map(({ createdAtMs }) => createdAtMs);
  const verdicts = decideRetention(
    times.map((createdAtMs) => ({
      id: String(createdAtMs),
      createdAtMs,
      parentId: null,
      pinned: false,
    })),
    policy,
  );
  assert.deepEqual(
    left.toReversed(),
    verdicts.filter(({ keep }) => keep).map(({ id }) => Number(id)),
  );
});

test('a parent that is newer than its child, after the clock was set back, is kept too', () => {
  const at = (day: number) => start + day * dayMs;
  const verdicts = decideRetention(
    [
      { id: 'full', createdAtMs: at(2), parentId: null, pinned: false },
      { id: 'child', createdAtMs: at(1), parentId: 'full', pinned: true },
      { id: 'new', createdAtMs: at(3), parentId: null, pinned: false },
    ],
    { last: 1, timeZone: 'UTC' },
  );
  assert.deepEqual(
    verdicts.find(({ id }) => id === 'full'),
    {
      id: 'full',
      keep: true,
      reasons: [{ rule: 'needed', by: 'child' }],
    },
  );
});

test('a circle of parents comes to an end', () => {
  const reasons = new Map([
    ['a', [{ rule: 'pinned' as const }]],
    ['b', []],
  ]);
  keepParents(
    [
      { id: 'a', parentId: 'b' },
      { id: 'b', parentId: 'a' },
    ],
    reasons,
  );
  assert.equal(reasons.get('b')!.length, 1);
});

test('an ever incremental job keeps to its length and makes no active full', () => {
  const { points, counts } = simulateRetention({
    policy: { last: 5, timeZone: 'UTC' },
    points: [],
    times: days(60),
    maxChainLength: 10,
    fulls: 'synthetic',
  });
  const synthetic = points.filter(({ id }) => id.endsWith('-full'));
  // Six go at a time: ten incrementals, of which the newest four stay on the new full.
  assert.deepEqual(
    synthetic.map(({ id }) => id),
    [11, 17, 23, 29, 35, 41, 47, 53, 59].map((run) => `coming-${run}-full`),
  );
  assert.equal(Math.max(...counts.map((count) => count.points)), 10);
  assert.equal(counts.at(-1)?.points, 6);
  const { createdAtMs, goneAtMs } = synthetic[0]!;
  assert.equal(createdAtMs, days(60)[6]);
  assert.equal(goneAtMs, days(60)[16]);
});
