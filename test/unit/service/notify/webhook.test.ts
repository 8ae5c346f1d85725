import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';

import { Secret } from '#core/secret.ts';
import { sign, webhook } from '#service/notify/webhook.ts';

import { sampleNotice } from './sample-notice.ts';

const signal = AbortSignal.timeout(30_000);
const key = new Secret('a key that both know');

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function receiver(status: number, location?: string) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers, body });
      response.writeHead(status, location === undefined ? {} : { location }).end('ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return {
    received,
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const hookTo = (url: string, secret?: Secret) =>
  webhook({
    settings: { id: 'w1', name: 'chat', url, rule: 'always' },
    key: secret,
    host: 'cf1',
    nowMs: () => 1_800_000_000_123,
  });

it('posts a notice that the receiver can check', async () => {
  await using server = await receiver(204);
  await hookTo(server.url, key)(sampleNotice({ runId: 'r1' }), signal);
  const [{ headers, body } = { headers: {}, body: '' }] = server.received;
  assert.deepEqual(JSON.parse(body), {
    id: 'n1',
    kind: 'run',
    severity: 'failure',
    time: '2027-01-02T03:04:05.000Z',
    title: 'Back up web-1 failed',
    text: 'web-1 failed\n  The datastore is full.',
    host: 'cf1',
    runId: 'r1',
  });
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['idempotency-key'], 'n1');
  assert.equal(
    headers['coldframe-signature'],
    `t=1800000000,v1=${sign(key, `1800000000.${body}`)}`,
  );
});

it('signs as HMAC-SHA256 is published (RFC 4231, case 2)', () => {
  assert.equal(
    sign(new Secret('Jefe'), 'what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

it('sends no signature without a key', async () => {
  await using server = await receiver(200);
  await hookTo(server.url)(sampleNotice(), signal);
  assert.equal(server.received[0]?.headers['coldframe-signature'], undefined);
});

for (const status of [302, 404, 500])
  it(`counts ${status} as not delivered, and follows nowhere`, async () => {
    await using other = await receiver(200);
    await using server = await receiver(status, other.url);
    await assert.rejects(
      hookTo(server.url)(sampleNotice(), signal),
      new RegExp(`chat answered ${status}`),
    );
    assert.equal(other.received.length, 0);
  });

it('says who does not answer, without the secrets that a URL may carry', async () => {
  await assert.rejects(
    hookTo('http://127.0.0.1:1/secret-part')(sampleNotice(), signal),
    (error: Error) =>
      /does not answer at 127\.0\.0\.1:1/.test(error.message) && !/secret-part/.test(error.message),
  );
});
