import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';

import { openPageBench } from '#test/support/page-bench.ts';
import { PageClient } from '#test/support/page-client.ts';
import { startSmtpServer } from '#test/support/smtp-server.ts';

const path = '/settings/notifications';

it('is set up on its page, sends tests, and shows no secret', async () => {
  await using bench = await openPageBench();
  await using smtp = await startSmtpServer({ kind: 'plain' });
  const client = new PageClient(bench.url);
  await client.signIn();
  await client.get(path);
  const saved = await client.post(`${path}/mail`, {
    host: '127.0.0.1',
    port: String(smtp.port),
    security: 'none',
    user: '',
    password: 'never-to-be-shown',
    from: 'coldframe@example.org',
    to: 'ops@example.org\neva@example.org',
    rule: 'failures',
  });
  assert.equal(saved.path, path, saved.body);
  assert.ok(!saved.body.includes('never-to-be-shown'));
  const tested = await client.post(`${path}/test`, { to: 'mail' });
  assert.match(tested.body, /The test was taken by mail/);
  assert.deepEqual((await smtp.next()).to, ['ops@example.org', 'eva@example.org']);
  const wrong = await client.post(`${path}/mail`, { host: 'a b', port: '0' });
  assert.equal(wrong.status, 400);
  const off = await client.post(`${path}/off`, { to: 'mail' });
  assert.ok(!off.body.includes('value="mail"'));
});

it('tells a webhook of a run that has ended', async () => {
  await using bench = await openPageBench();
  const told = Promise.withResolvers<{ title: string; severity: string; runId: string }>();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      response.end();
      told.resolve(JSON.parse(body) as never);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const client = new PageClient(bench.url);
    await client.signIn();
    await client.get(path);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const hook = { name: 'chat', url, key: 'shared', rule: 'always' };
    const added = await client.post(`${path}/webhooks`, hook);
    assert.match(added.body, /Send a test to chat/);
    await client.post('/settings/endpoints', {
      name: 'lab',
      address: bench.lab.address,
      user: bench.lab.user,
      password: bench.lab.password,
      thumbprint: bench.lab.thumbprintSha256,
    });
    await client.post('/repositories', { name: 'main', root: bench.repositoryRoot });
    const { body } = await client.get('/vms');
    const one = (name: string): string =>
      new RegExp(`name="${name}" value="([^"]+)"`).exec(body)![1]!;
    const run = await client.post('/vms/back-up', {
      endpoint: one('endpoint'),
      vm: one('vm'),
      repository: one('repository'),
    });
    assert.match(run.path, /^\/runs\//, run.body);
    const notice = await told.promise;
    assert.equal(notice.runId, run.path.split('/').at(-1));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
