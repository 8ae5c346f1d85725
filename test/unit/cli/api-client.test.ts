import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { it } from 'node:test';

import { createApiClient, type ApiClient } from '#cli/api-client.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

interface Bench extends AsyncDisposable {
  readonly client: ApiClient;
  readonly dataDir: string;
  readonly abort: AbortController;
}

/** A server at the socket that says what the test wants. */
async function openBench(answer: RequestListener): Promise<Bench> {
  const folder = await temporaryFolder();
  const dataDir = folder.path;
  await writeFile(join(dataDir, 'api-token'), 'the-token\n');
  const server = createServer(answer);
  server.listen(join(dataDir, 'coldframe.sock'));
  await once(server, 'listening');
  const abort = new AbortController();
  return {
    client: createApiClient({ dataDir, signal: abort.signal }),
    dataDir,
    abort,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

it('sends the token and JSON, and reads JSON', async () => {
  await using bench = await openBench((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const { method, url, headers } = request;
      const { authorization } = headers;
      response.end(JSON.stringify({ method, url, authorization, body }));
    });
  });
  assert.deepEqual(await bench.client.post('/backups', { vm: 'ä' }), {
    method: 'POST',
    url: '/api/v1/backups',
    authorization: 'Bearer the-token',
    body: '{"vm":"ä"}',
  });
});

it('gives back the error that the service had, causes included', async () => {
  await using bench = await openBench((_request, response) => {
    response.writeHead(409, { 'content-type': 'application/problem+json' });
    response.end(
      JSON.stringify({
        code: 'busy',
        detail: 'Another run works on it.',
        details: { run: 'r' },
        cause: { code: 'io', message: 'EBUSY' },
      }),
    );
  });
  await assert.rejects(bench.client.get('/x'), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'busy');
    assert.equal(error.message, 'Another run works on it.');
    assert.equal((error.cause as Error).message, 'EBUSY');
    return true;
  });
});

it('is not confused by an answer that is none of ours', async () => {
  await using bench = await openBench((_request, response) => {
    response.writeHead(502);
    response.end('<html>bad gateway</html>');
  });
  await assert.rejects(bench.client.get('/x'), /answered 502: <html>bad gateway/);
});

it('puts events together however they arrive', async () => {
  const pieces = [
    ': coldframe\n\nid: 1\nda',
    'ta: {"a":"',
    'é',
    '"}\n',
    '\nid: 2\ndata: {"a":2}\n\n: ping\n\n',
  ];
  await using bench = await openBench((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    void (async () => {
      for (const piece of pieces)
        for (const byte of Buffer.from(piece)) {
          response.write(Buffer.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
      response.end();
    })();
  });
  const seen: unknown[] = [];
  for await (const event of bench.client.events('/runs/r/events')) seen.push(event);
  assert.deepEqual(seen, [{ a: 'é' }, { a: 2 }]);
});

it('stops at once when interrupted, also in the middle of a stream', async () => {
  await using bench = await openBench((_request, response) => {
    response.writeHead(200);
    response.write('id: 1\ndata: {"n":1}\n\n');
  });
  await assert.rejects(async () => {
    for await (const _event of bench.client.events('/x')) bench.abort.abort(new Error('enough'));
  });
});

it('says that the service is not running when nobody listens', async () => {
  await using folder = await temporaryFolder();
  const { signal } = new AbortController();
  const client = createApiClient({ dataDir: folder.path, signal });
  await assert.rejects(client.get('/x'), { code: 'unreachable', message: /is not running/ });
  await writeFile(join(folder.path, 'api-token'), 'left behind');
  await assert.rejects(client.get('/x'), { code: 'unreachable', message: /coldframe service run/ });
});
