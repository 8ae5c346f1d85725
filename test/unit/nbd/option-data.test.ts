import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decodeExportChoice, decodeMetaContextQuery } from '#nbd/option-data.ts';
import { decodeRequest, structuredReply } from '#nbd/protocol.ts';
import { seededRandom } from '#test/support/random.ts';

import { text, uint32 } from './raw-client.ts';

test('what a client asks for is read whole or not at all', () => {
  const choice = Buffer.concat([text('disk é'), Buffer.from([0, 2, 0, 0, 0, 3])]);
  assert.deepEqual(decodeExportChoice(choice), { name: 'disk é', wanted: [0, 3] });
  const query = Buffer.concat([text('d'), uint32(2), text('base:allocation'), text('x:')]);
  assert.deepEqual(decodeMetaContextQuery(query), {
    name: 'd',
    queries: ['base:allocation', 'x:'],
  });
  for (let end = 0; end < choice.length; end++)
    assert.equal(decodeExportChoice(choice.subarray(0, end)), undefined, `${end} bytes`);
  for (let end = 0; end < query.length; end++)
    assert.equal(decodeMetaContextQuery(query.subarray(0, end)), undefined, `${end} bytes`);
  assert.equal(decodeExportChoice(Buffer.concat([choice, Buffer.of(0)])), undefined);
});

test('random bytes are refused without harm', () => {
  const random = seededRandom(9);
  for (let round = 0; round < 2000; round++) {
    const bytes = Buffer.alloc(random.below(64));
    random.fill(bytes);
    // Small lengths, so that not everything fails at the first of them.
    if (bytes.length > 4) bytes.fill(0, 0, 3);
    decodeExportChoice(bytes);
    decodeMetaContextQuery(bytes);
    const request = Buffer.alloc(28);
    bytes.copy(request);
    decodeRequest(request);
  }
});

test('the head of a structured reply counts its fields and the data behind it', () => {
  const head = structuredReply(7n, {
    type: 1,
    done: true,
    fields: Buffer.alloc(8, 1),
    dataBytes: 100,
  });
  assert.equal(head.length, 28);
  assert.deepEqual(
    [head.readUInt16BE(4), head.readUInt16BE(6), head.readBigUInt64BE(8), head.readUInt32BE(16)],
    [1, 1, 7n, 108],
  );
});
