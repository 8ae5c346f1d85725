import assert from 'node:assert/strict';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { it } from 'node:test';

import { createApiClient, type ApiClient } from '#cli/api-client.ts';
import type { RestorePointList, RunEvent, RunList, RunLogView, RunView } from '#core/api.ts';
import type { RunRecord } from '#core/run.ts';
import { createApp } from '#service/http/app.ts';
import { localCaller } from '#service/http/authenticate.ts';
import { IdempotencyKeys } from '#service/http/idempotency.ts';
import { listen } from '#service/http/listen.ts';
import { restorePointRoutes } from '#service/http/routes/restore-points.ts';
import { runRoutes } from '#service/http/routes/runs.ts';
import { makeToken } from '#service/http/token.ts';
import { createServiceLog } from '#service/log/logger.ts';
import { RunLogs } from '#service/log/run-logs.ts';
import { SecretMask } from '#service/log/secret-mask.ts';
import { RunEvents } from '#service/runs/run-events.ts';
import { RunQueue } from '#service/runs/run-queue.ts';
import type { ExecuteTask } from '#service/runs/run-task.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { countingIds } from '#test/support/test-clock.ts';
import { openTemporary, type TemporaryCatalog } from '#test/unit/catalog/open-temporary.ts';

interface Bench extends AsyncDisposable {
  readonly made: TemporaryCatalog;
  readonly queue: RunQueue;
  readonly client: ApiClient;
}

/** The routes over a real socket, queue and catalog; only the tasks are the test's own. */
async function openBench(execute: ExecuteTask): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const made = stack.use(await openTemporary());
  const { dataDir, clock, catalog } = made;
  const mask = new SecretMask();
  const stream = new PassThrough().resume();
  const log = createServiceLog({ level: 'info', journald: false, mask, stream });
  const events = new RunEvents();
  const logs = new RunLogs({
    folder: join(dataDir, 'logs'),
    service: log,
    mask,
    clock,
    onLine: (runId, line) => events.publish(runId, { type: 'log', line }),
  });
  const store = catalog;
  const ids = countingIds();
  const onError = (message: string, error: unknown): void => log.log('error', message, { error });
  const queue = new RunQueue({ store, logs, events, clock, ids, execute, onError, limit: 2 });
  queue.start();
  stack.defer(() => queue.stop(AbortSignal.timeout(5000)));
  const routes = [...runRoutes({ store, queue, events, logs }), ...restorePointRoutes(catalog)];
  const identify = localCaller(await makeToken(dataDir));
  const record = async (): Promise<void> => undefined;
  const keys = new IdempotencyKeys(clock);
  const answer = createApp({ routes, identify, record, keys, log }).callback();
  const socket = join(dataDir, 'coldframe.sock');
  stack.use(
    await listen({ socket, host: '127.0.0.1', handler: (req, res) => void answer(req, res) }),
  );
  const { signal } = new AbortController();
  const client = createApiClient({ dataDir, signal });
  const kept = stack.move();
  return { made, queue, client, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

const order = {
  kind: 'backup',
  title: 'Back up web',
  jobName: null,
  tasks: [{ subject: 'web', exclusive: 'web', request: {} }],
} as const;

async function collect(client: ApiClient, runId: string): Promise<readonly string[]> {
  const seen: string[] = [];
  for await (const event of client.events<RunEvent>(`/runs/${runId}/events`))
    if (event.type === 'run') seen.push(`run ${event.run.state}`);
    else if (event.type === 'task') seen.push(`task ${event.task.state}`);
    else seen.push(event.type);
  return seen;
}

it('lets a follower see the state now and everything until the end', async () => {
  const go = Promise.withResolvers<void>();
  await using bench = await openBench(async ({ log }) => {
    log.info('before');
    await go.promise;
    log.info('after');
    return { warnings: [], result: {} };
  });
  const run = await bench.queue.submit(order);
  const following = collect(bench.client, run.id);
  while ((await bench.client.get<RunView>(`/runs/${run.id}`)).run.state !== 'running')
    await new Promise((resolve) => setTimeout(resolve, 5));
  setTimeout(() => go.resolve(), 100);
  const seen = await following;
  assert.match(seen[0]!, /^task /);
  assert.deepEqual(seen.slice(-3), ['log', 'task succeeded', 'run succeeded']);
  assert.deepEqual(await collect(bench.client, run.id), ['task succeeded', 'run succeeded']);
  const { lines } = await bench.client.get<RunLogView>(`/runs/${run.id}/log`);
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['before', 'after'],
  );
});

it('pages through runs without losing or repeating any', async () => {
  await using bench = await openBench(async () => ({ warnings: [], result: {} }));
  const { client } = bench;
  for (let i = 0; i < 7; i++) await collect(client, (await bench.queue.submit(order)).id);
  const seen: string[] = [];
  let next: string | undefined = '';
  while (next !== undefined) {
    const page: RunList = await client.get(`/runs?limit=3${next === '' ? '' : `&after=${next}`}`);
    seen.push(...page.runs.map(({ id }) => id));
    next = page.next;
  }
  assert.equal(seen.length, 7);
  assert.equal(new Set(seen).size, 7);
  await assert.rejects(client.get('/runs?limit=0'), { code: 'invalid-input' });
  await assert.rejects(client.get('/runs?after=nonsense'), /cursor/);
});

it('cancels a run over the API, once', async () => {
  await using bench = await openBench(
    ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
  const { client } = bench;
  const run = await bench.queue.submit(order);
  const following = collect(client, run.id);
  await client.post<RunRecord>(`/runs/${run.id}/cancel`);
  assert.equal((await following).at(-1), 'run cancelled');
  await assert.rejects(client.post(`/runs/${run.id}/cancel`), { code: 'not-eligible' });
  await assert.rejects(client.post('/runs/nothing/cancel'), { code: 'not-found' });
  await assert.rejects(client.get('/runs/nothing'), { code: 'not-found' });
  await assert.rejects(collect(client, 'nothing'), { code: 'not-found' });
});

it('pages through restore points and finds those of one VM', async () => {
  await using bench = await openBench(async () => ({ warnings: [], result: {} }));
  const { client, made } = bench;
  for (let i = 0; i < 5; i++)
    await made.catalog.addRestorePoint(
      sampleRestorePoint({ id: `p${i}`, createdAtMs: 1000, vmName: i === 2 ? 'web & co' : 'db' }),
    );
  const first = await client.get<RestorePointList>('/restore-points?limit=3');
  const second = await client.get<RestorePointList>(`/restore-points?limit=3&after=${first.next}`);
  const ids = [...first.restorePoints, ...second.restorePoints].map(({ header }) => header.id);
  assert.deepEqual(ids.toSorted(), ['p0', 'p1', 'p2', 'p3', 'p4']);
  assert.equal(second.next, undefined);
  const query = new URLSearchParams({ vm: 'web & co' }).toString();
  const ofVm = await client.get<RestorePointList>(`/restore-points?${query}`);
  assert.deepEqual(
    ofVm.restorePoints.map(({ header }) => header.id),
    ['p2'],
  );
  assert.equal(
    (await client.get<{ path: string }>('/restore-points/p3')).path.includes('p3'),
    true,
  );
  await assert.rejects(client.get('/restore-points/none'), { code: 'not-found' });
});
