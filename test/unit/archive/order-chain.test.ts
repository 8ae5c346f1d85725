import assert from 'node:assert/strict';
import { test } from 'node:test';

import { orderChain, type ChainLink } from '#archive/chain.ts';
import { sampleHeader } from '#test/support/archive-samples.ts';
import { seededRandom } from '#test/support/random.ts';

const { vm } = sampleHeader([]);

/** "b<a" is restore point b with parent a; "a" has none. */
function link(text: string, changes: Partial<ChainLink['header']> = {}): ChainLink {
  const [id, parent] = text.split('<') as [string, string?];
  return {
    header: {
      id,
      parent: parent === undefined ? null : { id: parent, seal: `seal of ${parent}` },
      vm,
      ...changes,
    },
    seal: `seal of ${id}`,
    file: { name: `${id}.tar` },
  };
}

test('whatever the order they are named in, parents come first', () => {
  const random = seededRandom(1);
  for (let round = 0; round < 50; round++) {
    const links = ['a', 'b<a', 'c<b', 'd<c', 'e<d'].map((text) => link(text));
    const shuffled = links
      .map((each) => ({ each, key: random.next() }))
      .sort((x, y) => x.key - y.key)
      .map(({ each }) => each);
    assert.deepEqual(
      orderChain(shuffled).map((each) => each.header.id),
      ['a', 'b', 'c', 'd', 'e'],
    );
  }
});

test('a chain may begin at an incremental: a disk that was read in full needs no more', () => {
  const links = [link('c<b'), link('b<a')];
  assert.deepEqual(
    orderChain(links).map((each) => each.header.id),
    ['b', 'c'],
  );
});

const refused: readonly [string, readonly ChainLink[], string, RegExp][] = [
  ['nothing', [], 'invalid-input', /at least one/],
  ['the same twice', [link('a'), link('a')], 'invalid-input', /twice/],
  ['a gap', [link('a'), link('c<b')], 'chain-broken', /a\.tar.*c\.tar|c\.tar.*a\.tar/],
  ['a fork', [link('a'), link('b<a'), link('c<a')], 'chain-broken', /one chain/],
  ['two chains', [link('a'), link('b<a'), link('x'), link('y<x')], 'chain-broken', /one chain/],
  ['a ring', [link('a<c'), link('b<a'), link('c<b')], 'invalid-input', /at least one/],
  ['a ring beside a chain', [link('a<b'), link('b<a'), link('x')], 'chain-broken', /do not form/],
  [
    'another copy of the parent',
    [{ ...link('a'), seal: 'other' }, link('b<a')],
    'chain-broken',
    /another copy of restore point a/,
  ],
  [
    'another VM',
    [link('a'), link('b<a', { vm: { ...vm, instanceUuid: 'other' } })],
    'chain-broken',
    /different virtual machines/,
  ],
];

for (const [what, links, code, message] of refused) {
  test(`${what} is refused`, () => {
    assert.throws(() => orderChain(links), { code, message });
  });
}
