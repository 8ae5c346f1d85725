import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';

import { syslog, syslogText } from '#service/notify/syslog.ts';

import { sampleNotice } from './sample-notice.ts';

const signal = AbortSignal.timeout(30_000);
const expected =
  '<27>1 2027-01-02T03:04:05.000Z cf1 coldframe - run [coldframe@32473 kind="run" id="n1" run="-"] \u{feff}Back up web-1 failed: web-1 failed   The datastore is full.';

it('writes RFC 5424 in one line whatever a name holds', () => {
  assert.equal(syslogText(sampleNotice(), 'cf1'), expected);
  const hostile = syslogText(sampleNotice({ title: 'a\n<0>1 forged\u0000\u2028x' }), 'cf1');
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(hostile, /[\u0000-\u001f\u2028]/);
  assert.match(syslogText(sampleNotice({ severity: 'good' }), 'h'), /^<30>/);
  assert.match(syslogText(sampleNotice({ severity: 'warning' }), 'h'), /^<28>/);
});

it('sends one datagram', async () => {
  const server = createSocket('udp4');
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address();
    const received = once(server, 'message');
    const settings = { host: '127.0.0.1', port, protocol: 'udp', rule: 'always' } as const;
    await syslog(settings, 'cf1')(sampleNotice(), signal);
    const [message] = (await received) as [Buffer];
    assert.equal(message.toString(), expected);
  } finally {
    server.close();
  }
});

it('frames by length over TCP, and says when nobody listens', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const settings = { host: '127.0.0.1', port, protocol: 'tcp', rule: 'always' } as const;
  const connected = once(server, 'connection') as Promise<[Socket]>;
  const sent = syslog(settings, 'cf1')(sampleNotice(), signal);
  const [socket] = await connected;
  const all = text(socket);
  await sent;
  assert.equal(await all, `${Buffer.byteLength(expected)} ${expected}`);
  server.close();
  await once(server, 'close');
  await assert.rejects(syslog(settings, 'cf1')(sampleNotice(), signal), /does not take messages/);
});
