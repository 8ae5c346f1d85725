import assert from 'node:assert/strict';
import { test } from 'node:test';

import { spaceOf } from '#service/web/space.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 10, 22);
const repository = {
  id: 'r',
  name: 'main',
  root: '/r',
  addedAtMs: 0,
  freeBytes: 1000,
  totalBytes: 2000,
};

function points(ages: readonly number[], archiveBytes: number, repositoryId = 'r') {
  return ages.map((age) => ({
    ...sampleRestorePoint({ id: `p${age}`, createdAtMs: nowMs - age * dayMs, repositoryId }),
    archiveBytes,
  }));
}

test('days to full follow the pace of the last week', () => {
  const [space] = spaceOf([repository], points([1, 2, 3, 4, 5, 10], 80), nowMs);
  assert.equal(space?.daysToFull, 1000 / ((5 * 80) / 5));
});

test('no figure without a day of history, growth, or a look at the folder', () => {
  assert.equal(spaceOf([repository], points([0.1, 0.5], 80), nowMs)[0]?.daysToFull, undefined);
  assert.equal(spaceOf([repository], points([1, 2], 80, 'other'), nowMs)[0]?.daysToFull, undefined);
  assert.equal(spaceOf([repository], [], nowMs)[0]?.daysToFull, undefined);
  const { freeBytes: _, ...unseen } = repository;
  assert.equal(spaceOf([unseen], points([1, 2], 80), nowMs)[0]?.daysToFull, undefined);
});
