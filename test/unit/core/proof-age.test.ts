import assert from 'node:assert/strict';
import { test } from 'node:test';

import { proofTimes } from '#core/proof-age.ts';
import type { RestorePointMarks } from '#core/restore-point-marks.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';

const good = (atMs: number): RestorePointMarks => ({ checked: { atMs, good: true } });

/** A full "p0" and incrementals "p1", "p2" on it. */
const family = [0, 1, 2].map((i) =>
  sampleRestorePoint({
    id: `p${i}`,
    createdAtMs: i,
    ...(i === 0 ? {} : { parentId: `p${i - 1}` }),
  }),
);

test('a proof is as old as the oldest check in the chain', () => {
  const marks = new Map([
    ['p0', good(50)],
    ['p1', good(30)],
    ['p2', good(90)],
  ]);
  assert.deepEqual(
    [...proofTimes(family, marks)],
    [
      ['p0', 50],
      ['p1', 30],
      ['p2', 30],
    ],
  );
});

test('what was never read, or found bad, proves nothing of what builds on it', () => {
  const unread = new Map([
    ['p0', good(50)],
    ['p2', good(90)],
  ]);
  assert.deepEqual([...proofTimes(family, unread).keys()], ['p0']);
  const bad = new Map<string, RestorePointMarks>([
    ['p0', { checked: { atMs: 50, good: false } }],
    ['p1', good(60)],
    ['p2', good(90)],
  ]);
  assert.equal(proofTimes(family, bad).size, 0);
  assert.equal(proofTimes(family.slice(1), new Map([['p1', good(1)]])).size, 0);
});

test('a synthetic full proves what builds on the one that it replaces', () => {
  const [p0, p1, p2] = family as [RestorePoint, RestorePoint, RestorePoint];
  const sample = sampleRestorePoint({ id: 's', createdAtMs: 1 });
  const replaces = { restorePointId: 'p1', restorePointSeal: p2.header.parent!.seal };
  const standIn = { ...sample, header: { ...sample.header, replaces } };
  const marks = new Map([
    ['p0', good(10)],
    ['p1', good(20)],
    ['s', good(70)],
    ['p2', good(90)],
  ]);
  assert.equal(proofTimes([p0, p1, standIn, p2], marks).get('p2'), 70);
  assert.equal(proofTimes([standIn, p2], marks).get('p2'), 70);
});
