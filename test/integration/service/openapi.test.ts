import assert from 'node:assert/strict';
import { request } from 'node:http';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, it } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { namedRoutes } from '#service/auth/permissions.ts';
import { openPageBench, type PageBench } from '#test/support/page-bench.ts';
import { seededRandom } from '#test/support/random.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<
    Record<
      string,
      { readonly content?: Readonly<Record<string, { readonly schema: object }>> } | undefined
    >
  >;
  readonly 'x-role': string;
}

interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

let bench: PageBench;
let token: string;
let description: Description;
before(async () => {
  bench = await openPageBench();
  token = (await readFile(join(dirname(bench.service.socket), 'api-token'), 'utf8')).trim();
  description = (await call('GET', '/openapi.json')).body as Description;
});
after(() => bench[Symbol.asyncDispose]());

interface Call {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function call(method: string, path: string, { body, headers }: Call = {}): Promise<Answer> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const describing =
    payload === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': payload.length };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath: bench.service.socket,
        method,
        path: `/api/v1${path}`,
        headers: {
          authorization: `Bearer ${token}`,
          ...describing,
          ...headers,
        },
      },
      (response) => {
        const type = response.headers['content-type']?.split(';')[0] ?? '';
        const { statusCode: status = 0 } = response;
        if (type === 'text/event-stream') {
          sent.destroy();
          resolve({ status, type, body: undefined });
          return;
        }
        void text(response).then((received) =>
          resolve({ status, type, body: parsed(type, received) }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(payload);
  });
}

function parsed(type: string, received: string): unknown {
  if (received === '') return undefined;
  return type.endsWith('json') ? JSON.parse(received) : received;
}

/** Holds an answer against what the description says of it. */
function assertDescribed(method: string, path: string, { status, type, body }: Answer): void {
  const operation = description.paths[path]?.[method.toLowerCase()];
  assert.ok(operation, `${method} ${path} is not described`);
  const answer = operation.responses[status];
  assert.ok(answer, `${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
  if (status === 204) return;
  const schema = answer.content?.[type]?.schema;
  assert.ok(schema, `${method} ${path} answered with ${type}`);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const valid = ajv.validate(schema, body);
  assert.ok(valid, `${method} ${path}: ${ajv.errorsText()} in ${JSON.stringify(body)}`);
}

it('is OpenAPI 3.1, as a validator of others sees it', async () => {
  const result = await new Validator().validate({ ...structuredClone(description) });
  assert.deepEqual(result.errors ?? [], []);
  assert.equal(result.valid, true);
  assert.match(description.openapi, /^3\.1/);
});

it('names every operation once and every parameter of its path', () => {
  const ids = new Set<string>();
  for (const [path, operations] of Object.entries(description.paths))
    for (const [method, operation] of Object.entries(operations)) {
      assert.ok(!ids.has(operation.operationId), operation.operationId);
      ids.add(operation.operationId);
      const named = operation.parameters.filter((p) => p.in === 'path').map((p) => p.name);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      assert.deepEqual(named, inPath, `${method} ${path}`);
      assert.ok(operation.responses['default'], `${method} ${path} may fail`);
    }
});

it('describes what is there, and every route of the table of roles is there', async () => {
  for (const named of namedRoutes('api')) {
    const [method = '', route = ''] = named.split(' ');
    const path = route.replaceAll(/:(\w+)/g, '{$1}');
    assert.ok(description.paths[path]?.[method.toLowerCase()], named);
  }
  const stranger = await call('GET', '/nothing/of/the/kind');
  assert.equal(stranger.status, 404);
  assert.match(JSON.stringify(stranger.body), /The API has no/);
});

it('answers as it is described, all the way from an endpoint to a run', async () => {
  const { lab, repositoryRoot } = bench;
  const { address, user, password, thumbprintSha256: thumbprint } = lab;
  const post = async (path: string, body?: unknown): Promise<Answer> => {
    const answer = await call('POST', path, body === undefined ? {} : { body });
    assertDescribed('POST', path, answer);
    return answer;
  };
  await post('/endpoint-certificates', { address });
  await post('/endpoints', { name: 'lab', address, user, password, thumbprint });
  await post('/repositories', { name: 'main', root: repositoryRoot });
  await post('/users', { name: 'eva', role: 'viewer', password: 'four small brown owls' });
  await post('/tokens', { name: 'ci', role: 'viewer' });
  await post('/jobs', {
    name: 'nightly',
    repository: 'main',
    selection: { include: [{ by: 'all' }] },
    schedule: { cron: '0 22 * * *', timeZone: 'UTC' },
    retention: { daily: 7, timeZone: 'UTC' },
  });
  const backup = await post('/backups', { vms: [{ name: 'demo-app' }], repository: 'main' });
  const { id } = backup.body as { readonly id: string };
  for (const path of ['/runs/{id}', '/runs/{id}/log'])
    assertDescribed('GET', path, await call('GET', path.replace('{id}', id)));
  const wanted = Object.entries(description.paths).filter(
    ([path, { get }]) => get !== undefined && !path.includes('{'),
  );
  assert.ok(wanted.length > 10);
  for (const [path] of wanted) {
    const answer = await call('GET', path);
    if (answer.status < 400) assertDescribed('GET', path, answer);
    else assert.equal(answer.type, 'application/problem+json', path);
  }
});

it('does an action once for each Idempotency-Key', async () => {
  const body = { name: 'once', role: 'viewer' };
  const headers = { 'idempotency-key': 'k-1' };
  const [first, second] = await Promise.all([
    call('POST', '/tokens', { body, headers }),
    call('POST', '/tokens', { body, headers }),
  ]);
  assert.equal(first.status, 201);
  assert.deepEqual(second.body, first.body);
  const other = await call('POST', '/tokens', { body: { ...body, name: 'two' }, headers });
  assert.equal(other.status, 400);
  assert.match(JSON.stringify(other.body), /with another request/);
  const { tokens } = (await call('GET', '/tokens')).body as {
    readonly tokens: readonly { readonly name: string }[];
  };
  assert.equal(tokens.filter(({ name }) => name === 'once').length, 1);
});

it('answers nonsense with a problem, never with a fault of its own', async () => {
  const random = seededRandom(7);
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)]!;
  const nonsense = [null, 0, -1, '', 'x', '../..', '\u0000', [], {}, { name: 7 }, 'a'.repeat(5000)];
  for (const [path, operations] of Object.entries(description.paths))
    for (const method of Object.keys(operations)) {
      for (let i = 0; i < 4; i++) {
        const filled = path.replaceAll(/\{\w+\}/g, () =>
          encodeURIComponent(pick(['x', '0', '%', '..a'])),
        );
        const query = pick(['', '?limit=-1', '?limit=x&after=y', '?vm=%00', '?x=1']);
        const body = method === 'get' ? undefined : pick(nonsense);
        const answer = await call(
          method.toUpperCase(),
          filled + query,
          body === undefined ? {} : { body },
        );
        assert.ok(
          answer.status < 500,
          `${method} ${filled}${query} ${JSON.stringify(body)}: ${JSON.stringify(answer.body)}`,
        );
        if (answer.status >= 400)
          assert.equal(
            answer.type,
            'application/problem+json',
            `${method} ${filled}${query} ${answer.status}`,
          );
      }
    }
});
