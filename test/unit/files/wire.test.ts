import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Secret } from '#core/secret.ts';
import { packOrder, unpackAnswer, unpackOrder } from '#files/wire.ts';

test('an order crosses the channel with its secrets', () => {
  const order = { archives: ['/r/a.tar.zst'], identities: [new Secret('AGE-SECRET-KEY-1')] };
  const arrived = unpackOrder(structuredClone(packOrder(order)));
  assert.deepEqual(arrived.archives, order.archives);
  assert.equal(arrived.identities[0]?.reveal(), 'AGE-SECRET-KEY-1');
});

test('what is no order and no answer is not taken for one', () => {
  for (const message of [
    undefined,
    {},
    { archives: [], identities: [] },
    { archives: ['a'], identities: [] },
  ])
    assert.throws(() => unpackOrder(message), { code: 'internal' });
  assert.equal(unpackAnswer({ type: 'ready' }), undefined);
  assert.equal(unpackAnswer({ type: 'ready', socket: 'relative' }), undefined);
  assert.deepEqual(unpackAnswer({ type: 'ready', socket: '/s' }), { type: 'ready', socket: '/s' });
});
