import assert from 'node:assert/strict';
import { request } from 'node:http';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';

import { z } from 'zod';

import { ColdframeError, errorCodes } from '#core/error.ts';
import { Secret } from '#core/secret.ts';
import { createApp } from '#service/http/app.ts';
import { localCaller } from '#service/http/authenticate.ts';
import { IdempotencyKeys } from '#service/http/idempotency.ts';
import { listen } from '#service/http/listen.ts';
import { httpStatus } from '#service/http/problem.ts';
import { route, type BoundRoute } from '#service/http/route.ts';
import { EventStream } from '#service/http/server-sent-events.ts';
import { makeToken } from '#service/http/token.ts';
import { createServiceLog } from '#service/log/logger.ts';
import { SecretMask } from '#service/log/secret-mask.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const token = 'b'.repeat(64);

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

interface Server extends AsyncDisposable {
  readonly socket: string;
  readonly logLines: () => string;
  call(
    method: string,
    path: string,
    options?: { readonly headers?: Record<string, string>; readonly body?: string },
  ): Promise<Answer>;
}

async function serve(routes: readonly BoundRoute[]): Promise<Server> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const stream = new PassThrough();
  const mask = new SecretMask();
  const log = createServiceLog({ level: 'info', journald: false, mask, stream });
  const answer = createApp({
    routes,
    identify: localCaller(new Secret(token)),
    record: async () => undefined,
    keys: new IdempotencyKeys(new FakeClock(0)),
    log,
  }).callback();
  const socket = join(folder.path, 's.sock');
  stack.use(
    await listen({ socket, host: '127.0.0.1', handler: (req, res) => void answer(req, res) }),
  );
  const kept = stack.move();
  return {
    socket,
    logLines: () => String(stream.read() ?? ''),
    call: (method, path, { headers = {}, body } = {}) =>
      new Promise((resolve, reject) => {
        const sent = request(
          {
            socketPath: socket,
            method,
            path: `/api/v1${path}`,
            headers: { authorization: `Bearer ${token}`, ...headers },
          },
          (response) => {
            void text(response).then((received) =>
              resolve({
                status: response.statusCode ?? 0,
                type: response.headers['content-type'] ?? '',
                body: received,
              }),
            );
          },
        );
        sent.on('error', reject);
        sent.end(body);
      }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const json = { 'content-type': 'application/json' };

const echo = route({
  method: 'POST',
  path: '/echo/:id',
  summary: 'says what came in',
  params: z.object({ id: z.string() }),
  query: z.object({ n: z.coerce.number().int().optional() }),
  body: z.strictObject({ name: z.string().min(1) }),
  status: 201,
  handle: async ({ params, query, body }) => ({ params, query, body }),
});

const failing = (error: unknown): BoundRoute =>
  route({
    method: 'GET',
    path: '/fail',
    summary: 'fails',
    handle: async () => {
      throw error;
    },
  });

it('gives a checked path, query and body to the handler', async () => {
  await using server = await serve([echo]);
  const answer = await server.call('POST', '/echo/a%2Fb?n=5', {
    headers: json,
    body: '{"name":"x"}',
  });
  assert.equal(answer.status, 201);
  assert.match(answer.type, /^application\/json/);
  assert.deepEqual(JSON.parse(answer.body), {
    params: { id: 'a/b' },
    query: { n: 5 },
    body: { name: 'x' },
  });
});

const wrongTokens: readonly string[] = [
  '',
  'Bearer',
  `Bearer ${'a'.repeat(64)}`,
  `Basic ${token}`,
  token,
];
for (const authorization of wrongTokens)
  it(`lets nobody in with "${authorization.slice(0, 12)}"`, async () => {
    await using server = await serve([echo]);
    for (const path of ['/echo/1', '/nowhere']) {
      const answer = await server.call('POST', path, { headers: { authorization } });
      assert.equal(answer.status, 401);
      assert.match(answer.body, /api-token/);
    }
  });

const wrong: readonly (readonly [string, Record<string, string>, string, RegExp])[] = [
  ['text that is no JSON', json, '{', /not JSON/],
  ['another type', { 'content-type': 'text/plain' }, '{"name":"x"}', /application\/json/],
  ['a missing field', json, '{}', /\\"name\\" of the request is wrong/],
  ['a field too many', json, '{"name":"x","nmae":"y"}', /nmae/],
  ['no body', {}, '', /the body of the request is wrong/],
  ['more than 1 MiB', json, JSON.stringify({ name: 'x'.repeat(1024 * 1024) }), /larger than 1 MiB/],
];
for (const [what, headers, body, words] of wrong)
  it(`refuses ${what} as a problem`, async () => {
    await using server = await serve([echo]);
    const answer = await server.call('POST', '/echo/1', { headers, body });
    assert.equal(answer.status, 400);
    assert.match(answer.type, /^application\/problem\+json/);
    assert.match(answer.body, words);
  });

it('refuses a body where none belongs, and a query that is wrong', async () => {
  await using server = await serve([echo, failing(new Error('not reached'))]);
  const body = await server.call('GET', '/fail', { headers: json, body: '{"x":1}' });
  assert.equal(body.status, 400);
  const query = await server.call('POST', '/echo/1?n=abc', { headers: json, body: '{"name":"x"}' });
  assert.equal(query.status, 400);
  assert.match(query.body, /\\"n\\" of the request is wrong/);
});

it('tells an error with its code, facts and cause', async () => {
  const error = new ColdframeError('no-permission', 'The account may not.', {
    details: { privilege: 'VirtualMachine.State.CreateSnapshot' },
    cause: new ColdframeError('vsphere-fault', 'NoPermission'),
  });
  await using server = await serve([failing(error)]);
  const answer = await server.call('GET', '/fail');
  assert.deepEqual(JSON.parse(answer.body), {
    type: 'urn:coldframe:error:no-permission',
    title: 'no permission',
    status: 403,
    detail: 'The account may not.',
    code: 'no-permission',
    details: { privilege: 'VirtualMachine.State.CreateSnapshot' },
    cause: { code: 'vsphere-fault', message: 'NoPermission' },
  });
  assert.equal(server.logLines(), '');
});

it('logs what is our fault', async () => {
  await using server = await serve([failing(new TypeError('undefined is not'))]);
  assert.equal((await server.call('GET', '/fail')).status, 500);
  assert.match(server.logLines(), /GET \/api\/v1\/fail failed/);
});

it('has a status for every code, and only known ones are 2xx', () => {
  for (const code of errorCodes) assert.ok(httpStatus(code) >= 400 && httpStatus(code) < 600, code);
});

it('says what it does not have', async () => {
  await using server = await serve([echo]);
  const answer = await server.call('GET', '/nothing');
  assert.equal(answer.status, 404);
  assert.match(answer.body, /The API has no GET \/api\/v1\/nothing/);
});

it('streams events and notices when the follower leaves', async () => {
  let left: (() => void) | undefined;
  const gone = new Promise<void>((resolve) => (left = resolve));
  const stream = route({
    method: 'GET',
    path: '/events',
    summary: 'streams',
    handle: async ({ signal, lastEventId }) =>
      new EventStream(
        (async function* () {
          yield { id: 1, data: { after: lastEventId ?? null } };
          yield { id: 2, data: { text: 'two\nlines' } };
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          left!();
        })(),
      ),
  });
  await using server = await serve([stream]);
  const received = await new Promise<string>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'last-event-id': '7' };
    const options = { socketPath: server.socket, path: '/api/v1/events', headers };
    const sent = request(options, (response) => {
      assert.match(response.headers['content-type'] ?? '', /^text\/event-stream/);
      let all = '';
      response.on('data', (part: Buffer) => {
        all += part.toString();
        if (!all.includes('id: 2\n')) return;
        resolve(all);
        sent.destroy();
      });
    });
    sent.on('error', reject);
    sent.end();
  });
  assert.ok(received.startsWith(': coldframe\n\nid: 1\ndata: {"after":"7"}\n\n'));
  assert.ok(received.endsWith('id: 2\ndata: {"text":"two\\nlines"}\n\n'));
  await gone;
});

it('makes a token that only the owner reads, new at each start', async () => {
  await using folder = await temporaryFolder();
  const first = await makeToken(folder.path);
  const second = await makeToken(folder.path);
  assert.match(second.reveal(), /^[0-9a-f]{64}$/);
  assert.notEqual(first.reveal(), second.reveal());
  assert.equal((await stat(join(folder.path, 'api-token'))).mode & 0o777, 0o600);
});

it('puts its socket in the place of a dead one, but not of a file', async () => {
  await using folder = await temporaryFolder();
  const options = { socket: join(folder.path, 'x'), host: '127.0.0.1', handler: () => undefined };
  await using _first = await listen(options);
  await using second = await listen({ ...options, port: 0 });
  assert.match(second.url ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await stat(options.socket)).mode & 0o777, 0o600);
  const file = join(folder.path, 'file');
  await writeFile(file, 'precious');
  await assert.rejects(listen({ ...options, socket: file }), /is a file and no socket/);
  await assert.rejects(
    listen({ ...options, socket: `/tmp/${'x'.repeat(120)}` }),
    /longer than 107/,
  );
});
