import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decideRetention, type RetentionPoint, type RetentionPolicy } from '#core/retention.ts';
import { previewRetention } from '#core/retention-simulation.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1, 22);
const nightly = Array.from({ length: 400 }, (_, i) => start + i * dayMs);
const policy: RetentionPolicy = { daily: 7, weekly: 4, monthly: 12, timeZone: 'UTC' };

test('counts what the rules keep, and apart from it what those build on', () => {
  const plain = previewRetention({ policy, times: nightly, maxChainLength: 0 });
  assert.equal(plain.total, 400);
  assert.equal(plain.neededOnly, 0);
  // 7 days; weeks and months whose newest point is not among them.
  assert.ok(plain.kept.length >= 19 && plain.kept.length <= 23, String(plain.kept.length));
  assert.equal(plain.kept[0]?.createdAtMs, nightly.at(-1));
  const chained = previewRetention({ policy, times: nightly, maxChainLength: 30 });
  assert.deepEqual(chained.kept, plain.kept);
  assert.ok(chained.neededOnly > 0);
});

test('thinning out every day leaves the same as thinning out once', () => {
  let left: RetentionPoint[] = [];
  for (const [i, createdAtMs] of nightly.entries()) {
    left.push({ id: String(i).padStart(9, '0'), createdAtMs, parentId: null, pinned: false });
    const verdicts = new Map(decideRetention(left, policy).map(({ id, keep }) => [id, keep]));
    left = left.filter(({ id }) => verdicts.get(id));
  }
  const preview = previewRetention({ policy, times: nightly, maxChainLength: 0 });
  assert.deepEqual(
    left.map((p) => p.createdAtMs).toReversed(),
    preview.kept.map((p) => p.createdAtMs),
  );
});

test('nothing comes of nothing, and the newest always stays', () => {
  assert.deepEqual(previewRetention({ policy, times: [], maxChainLength: 3 }).kept, []);
  const bare = previewRetention({ policy: { timeZone: 'UTC' }, times: nightly, maxChainLength: 0 });
  assert.deepEqual(
    bare.kept.map((k) => k.createdAtMs),
    [nightly.at(-1)],
  );
});
