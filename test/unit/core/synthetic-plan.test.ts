import assert from 'node:assert/strict';
import { test } from 'node:test';

import { reasonForActiveFull } from '#core/active-full.ts';
import { planPrune, type PrunePoint } from '#core/prune-plan.ts';
import type { RestorePointHeader } from '#core/restore-point.ts';
import { sealedId, servesAs, StandIns } from '#core/stand-ins.ts';
import { planSynthetic } from '#core/synthetic-plan.ts';

const dayMs = 86_400_000;

/** A full and `incrementals` on it, a day apart: p0, p1, ... */
function chain(incrementals: number, change: Partial<PrunePoint> = {}): PrunePoint[] {
  return Array.from({ length: incrementals + 1 }, (_, i) => ({
    id: `p${i}`,
    createdAtMs: i * dayMs,
    parentId: i === 0 ? null : `p${i - 1}`,
    pinned: false,
    own: true,
    inUse: false,
    ...change,
  }));
}

const keepLast = (last: number) => ({ last, timeZone: 'UTC' });

test('a chain is renewed when it is long enough, from the oldest that a rule keeps', () => {
  assert.equal(planSynthetic(chain(7), keepLast(3), 8), undefined);
  assert.equal(planSynthetic(chain(8), keepLast(3), 8)?.target, 'p6');
  assert.equal(planSynthetic([], keepLast(3), 8), undefined);
  assert.equal(planSynthetic(chain(8), keepLast(3), 0), undefined);
});

test('where too few would go, the newest is renewed and the old chain ages away', () => {
  assert.equal(planSynthetic(chain(8), keepLast(7), 8)?.target, 'p2');
  assert.equal(planSynthetic(chain(8), keepLast(8), 8)?.target, 'p8');
  assert.equal(planSynthetic(chain(8), keepLast(20), 8)?.target, 'p8');
});

test('a chain that has grown beyond its length does not stay too long', () => {
  assert.equal(planSynthetic(chain(16), keepLast(12), 8)?.target, 'p16');
  assert.equal(planSynthetic(chain(16), keepLast(4), 8)?.target, 'p13');
});

test('a pinned or foreign full keeps its chain, which is then renewed from its end', () => {
  const [full, ...rest] = chain(8);
  assert.equal(planSynthetic([{ ...full!, pinned: true }, ...rest], keepLast(2), 8)?.target, 'p8');
  assert.equal(planSynthetic([{ ...full!, own: false }, ...rest], keepLast(2), 8)?.target, 'p8');
});

test('a broken chain is not renewed', () => {
  const points = chain(8).filter(({ id }) => id !== 'p3');
  const plan = planSynthetic(points, keepLast(2), 2);
  assert.equal(plan?.target, 'p1');
});

test('a replaced restore point counts for no rule and goes, unless it is pinned', () => {
  const [p0, p1, p2] = chain(2);
  const standIn: PrunePoint = { ...p1!, id: 's', parentId: null };
  const points = [p0!, { ...p1!, replaced: true }, { ...p2!, parentId: 's' }, standIn];
  assert.deepEqual(planPrune(points, keepLast(2)).remove, ['p1', 'p0']);
  const pinned = points.map((point) => (point.id === 'p1' ? { ...point, pinned: true } : point));
  assert.deepEqual(planPrune(pinned, keepLast(2)).remove, []);
});

test('a stand-in serves for one copy of a restore point only', () => {
  const point = (id: string, seal: string, more: Partial<RestorePointHeader> = {}) => ({
    seal,
    header: { id, parent: null, vm: {} as RestorePointHeader['vm'], ...more },
  });
  const replaced = point('a', 'a1');
  const child = point('b', 'b1', { parent: { id: 'a', seal: 'a1' } });
  const standIn = point('s', 's1', { replaces: { restorePointId: 'a', restorePointSeal: 'a1' } });
  const other = point('s', 's1', { replaces: { restorePointId: 'a', restorePointSeal: 'a2' } });
  assert.ok(servesAs(standIn, sealedId(replaced)));
  assert.ok(!servesAs(other, sealedId(replaced)));
  assert.equal(new StandIns([replaced, child, standIn]).parentIdOf(child), 's');
  assert.equal(new StandIns([replaced, child, other]).parentIdOf(child), 'a');
  assert.equal(new StandIns([child]).parentIdOf(child), 'a');
  // Damaged, it is still better than nothing.
  const distrust = (): boolean => false;
  assert.equal(new StandIns([replaced, child, standIn], distrust).parentIdOf(child), 'a');
  assert.equal(new StandIns([child, standIn], distrust).parentIdOf(child), 's');
});

test('an active full is due by its age, a few hours early rather than a night late', () => {
  const due = (days: number, activeFullDays?: number): string | undefined =>
    reasonForActiveFull({ createdAtMs: 0 }, { nowMs: days * dayMs, activeFullDays });
  assert.equal(due(100), undefined);
  assert.equal(due(100, 0), undefined);
  assert.equal(due(6, 7), undefined);
  assert.match(due(6.99, 7)!, /7 days ago; the job does so every 7/);
  // A synthetic full remembers when the VM was really read.
  const root = { createdAtMs: 50 * dayMs, activeFullAtMs: 0 };
  assert.ok(reasonForActiveFull(root, { nowMs: 51 * dayMs, activeFullDays: 30 }));
});
