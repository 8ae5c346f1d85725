import assert from 'node:assert/strict';
import { test } from 'node:test';

import { auditTurn } from '#core/audit-areas.ts';

const chunkBytes = 10;

function turn(changed: readonly number[], fromOffset: number, mostBytes: number) {
  const { areas, nextOffset } = auditTurn({
    capacityBytes: 95,
    changed: Float64Array.from(changed),
    chunkBytes,
    fromOffset,
    mostBytes,
  });
  return { areas: [...areas], nextOffset };
}

test('takes whole chunks that nothing has touched', () => {
  assert.deepEqual(turn([12, 3], 0, 20), { areas: [0, 10, 20, 10], nextOffset: 30 });
});

test('goes on where it ended, and round past the end', () => {
  assert.deepEqual(turn([], 80, 30), { areas: [0, 10, 80, 15], nextOffset: 10 });
  assert.deepEqual(turn([], 80, 15), { areas: [80, 15], nextOffset: 0 });
  assert.deepEqual(turn([], 90, 5), { areas: [90, 5], nextOffset: 0 });
});

test('takes nothing twice, and nothing where everything has changed', () => {
  assert.deepEqual(turn([], 50, 1000), { areas: [0, 95], nextOffset: 50 });
  assert.deepEqual(turn([0, 95], 50, 20), { areas: [], nextOffset: 50 });
});

test('a disk that has shrunk begins again', () => {
  assert.deepEqual(turn([], 500, 10), { areas: [0, 10], nextOffset: 10 });
});

test('turn by turn the whole disk is looked at', () => {
  const seen = new Set<number>();
  let from = 0;
  for (let n = 0; n < 10; n++) {
    const { areas, nextOffset } = turn([30, 10], from, 10);
    for (let i = 0; i < areas.length; i += 2)
      for (let at = areas[i]!; at < areas[i]! + areas[i + 1]!; at++) seen.add(at);
    from = nextOffset;
  }
  assert.equal(seen.size, 85);
});
