import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ColdframeError } from '#core/error.ts';
import {
  alignExtents,
  type ExtentList,
  emptyExtents,
  extentBytes,
  extentCount,
  intersectExtents,
  normaliseExtents,
  subtractExtents,
  unionExtents,
  wholeDisk,
} from '#core/extents.ts';
import { type Random, seededRandom } from '#test/support/random.ts';

const capacity = 300;

function randomPairs(random: Random): number[] {
  const pairs: number[] = [];
  for (let n = random.below(12); n > 0; n--) pairs.push(random.below(capacity), random.below(40));
  return pairs;
}

/** The model: one boolean a byte. */
function bitmap(pairs: ArrayLike<number>): boolean[] {
  const bits = Array.from({ length: capacity }, () => false);
  for (let i = 0; i < pairs.length; i += 2)
    for (let b = pairs[i]!; b < Math.min(capacity, pairs[i]! + pairs[i + 1]!); b++) bits[b] = true;
  return bits;
}

function assertCanonical(list: ExtentList): void {
  for (let i = 0; i < list.length; i += 2) {
    assert.ok(list[i + 1]! > 0, 'no empty range');
    if (i > 0)
      assert.ok(list[i]! > list[i - 2]! + list[i - 1]!, 'ascending, no touching neighbours');
  }
}

test('set operations agree with a bitmap for random lists', () => {
  for (let seed = 0; seed < 500; seed++) {
    const random = seededRandom(seed);
    const [pa, pb] = [randomPairs(random), randomPairs(random)];
    const a = normaliseExtents(pa, capacity);
    const b = normaliseExtents(pb, capacity);
    const [ba, bb] = [bitmap(pa), bitmap(pb)];
    const cases: [string, ExtentList, boolean[]][] = [
      ['normalise', a, ba],
      ['union', unionExtents(a, b), ba.map((x, i) => x || bb[i]!)],
      ['intersect', intersectExtents(a, b), ba.map((x, i) => x && bb[i]!)],
      ['subtract', subtractExtents(a, b), ba.map((x, i) => x && !bb[i]!)],
    ];
    for (const [name, list, expected] of cases) {
      assert.deepEqual(bitmap(list), expected, `${name}, seed ${seed}`);
      assertCanonical(list);
      assert.equal(
        extentBytes(list),
        expected.filter(Boolean).length,
        `${name} bytes, seed ${seed}`,
      );
    }
  }
});

test('alignment only grows, to whole grains, and stays on the disk', () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed);
    const list = normaliseExtents(randomPairs(random), capacity);
    const aligned = alignExtents(list, 16, capacity);
    assertCanonical(aligned);
    assert.equal(extentBytes(subtractExtents(list, aligned)), 0, `seed ${seed}`);
    for (let i = 0; i < aligned.length; i += 2) {
      assert.equal(aligned[i]! % 16, 0);
      const end = aligned[i]! + aligned[i + 1]!;
      assert.ok(end % 16 === 0 || end === capacity);
    }
  }
});

test('a whole disk is one extent, an empty disk none', () => {
  assert.deepEqual([...wholeDisk(4096)], [0, 4096]);
  assert.equal(extentCount(wholeDisk(0)), 0);
  assert.equal(extentCount(emptyExtents), 0);
});

test('ranges reaching past the end are clipped; ranges beyond it are an error', () => {
  assert.deepEqual([...normaliseExtents([290, 50], capacity)], [290, 10]);
  for (const bad of [
    [300, 1],
    [-1, 5],
    [0.5, 1],
    [0, Number.NaN],
  ])
    assert.throws(() => normaliseExtents(bad, capacity), ColdframeError);
});

test('a million extents are handled without a stack or quadratic time', () => {
  const pairs = new Float64Array(2_000_000);
  for (let i = 0; i < 1_000_000; i++) {
    pairs[2 * i] = (1_000_000 - i) * 131072;
    pairs[2 * i + 1] = 65536;
  }
  const list = normaliseExtents(pairs, 2 ** 40);
  assert.equal(extentCount(list), 1_000_000);
  assert.equal(extentCount(subtractExtents(wholeDisk(2 ** 40), list)), 1_000_001);
});
