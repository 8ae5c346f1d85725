import assert from 'node:assert/strict';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { it } from 'node:test';

import { createApiClient, type ApiClient } from '#cli/api-client.ts';
import type {
  JobList,
  JobTimes,
  JobView,
  RestorePointView,
  RetentionSimulation,
} from '#core/api.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { RunRecord } from '#core/run.ts';
import type { RemovalRequest } from '#engine/remove-restore-point.ts';
import { createApp } from '#service/http/app.ts';
import { localCaller } from '#service/http/authenticate.ts';
import { IdempotencyKeys } from '#service/http/idempotency.ts';
import { jobRoutes } from '#service/http/routes/jobs.ts';
import { restorePointCareRoutes } from '#service/http/routes/restore-point-care.ts';
import { restorePointRoutes } from '#service/http/routes/restore-points.ts';
import { listen } from '#service/http/listen.ts';
import { makeToken } from '#service/http/token.ts';
import { createServiceLog } from '#service/log/logger.ts';
import { restorePointPage } from '#service/web/pages/restore-point.ts';
import { SecretMask } from '#service/log/secret-mask.ts';
import { createEndpoints } from '#service/operations/endpoints.ts';
import { createJobDefinitions } from '#service/operations/job-definitions.ts';
import { createRepositories } from '#service/operations/repositories.ts';
import { RunLogs } from '#service/log/run-logs.ts';
import { RunEvents } from '#service/runs/run-events.ts';
import { RunQueue } from '#service/runs/run-queue.ts';
import { Secret } from '#core/secret.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { countingIds } from '#test/support/test-clock.ts';
import { openTemporary, type TemporaryCatalog } from '#test/unit/catalog/open-temporary.ts';

interface Bench extends AsyncDisposable {
  readonly made: TemporaryCatalog;
  readonly client: ApiClient;
  readonly queue: RunQueue;
  readonly removals: RemovalRequest[];
}

/** Nothing here reaches for vSphere or a folder. */
const unreachable = (): never => {
  throw new Error('not part of this test');
};

/** The routes over a real socket and catalog, with one endpoint and two repositories; nothing runs. */
async function openBench(): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const made = stack.use(await openTemporary());
  const { dataDir, clock, catalog, journal } = made;
  const ids = countingIds();
  const mask = new SecretMask();
  const stream = new PassThrough().resume();
  const log = createServiceLog({ level: 'info', journald: false, mask, stream });
  await catalog.saveEndpoint(
    { id: 'e1', name: 'lab', address: 'lab.example', user: 'u' },
    new Secret('x'),
  );
  for (const id of ['r1', 'r2'])
    await catalog.saveRepository({ id, name: `repo-${id}`, root: `/nowhere/${id}`, addedAtMs: 0 });
  const vsphere = { connect: unreachable };
  const endpoints = createEndpoints({
    store: catalog,
    journal,
    vsphere,
    devices: { self: unreachable },
    ids,
    guard: () => undefined,
  });
  const repositories = createRepositories({
    store: catalog,
    journal,
    access: {
      check: unreachable,
      scan: unreachable,
      stock: unreachable,
      read: unreachable,
    },
    nfsMounts: { mount: unreachable, unmount: unreachable },
    initialise: unreachable,
    clock,
  });
  const events = new RunEvents();
  const logs = new RunLogs({
    folder: join(dataDir, 'logs'),
    service: log,
    mask,
    clock,
    onLine: () => undefined,
  });
  const queue = new RunQueue({
    store: catalog,
    logs,
    events,
    clock,
    ids,
    limit: 1,
    execute: unreachable,
    onError: unreachable,
  });
  stack.defer(() => queue.stop(AbortSignal.timeout(5000)));
  const removals: RemovalRequest[] = [];
  const useCases = {
    async removeRestorePoint(request: RemovalRequest): Promise<RestorePoint> {
      removals.push(request);
      request.inUse();
      return (await catalog.getRestorePoint(request.id))!;
    },
  };
  const definitions = createJobDefinitions({
    endpoints,
    repositories,
    queue,
    ownVm: unreachable,
    jobs: catalog,
    runs: catalog,
    clock,
    ids,
  });
  const routes = [
    ...jobRoutes(definitions, { jobs: catalog, store: catalog, repositories, clock }),
    ...restorePointRoutes(catalog),
    ...restorePointCareRoutes({ store: catalog, repositories, queue, useCases, clock }),
  ];
  const identify = localCaller(await makeToken(dataDir));
  const record = async (): Promise<void> => undefined;
  const keys = new IdempotencyKeys(clock);
  const answer = createApp({ routes, identify, record, keys, log }).callback();
  const socket = join(dataDir, 'coldframe.sock');
  stack.use(
    await listen({ socket, host: '127.0.0.1', handler: (req, res) => void answer(req, res) }),
  );
  const client = createApiClient({ dataDir, signal: new AbortController().signal });
  const kept = stack.move();
  return { made, client, queue, removals, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

const order = {
  name: 'nightly',
  repository: 'repo-r1',
  selection: { include: [{ by: 'all' }] },
  retention: { daily: 7, timeZone: 'UTC' },
};
const schedule = { cron: '0 22 * * *', timeZone: 'UTC' };

it('saves a job with sensible defaults, changes it and forgets it', async () => {
  await using bench = await openBench();
  const { client } = bench;
  const { job, nextMs } = await client.post<JobView>('/jobs', { ...order, schedule });
  assert.deepEqual(
    [job.endpointId, job.repositoryId, job.enabled, job.compression, job.maxChainLength],
    ['e1', 'r1', true, 'zstd', 30],
  );
  assert.equal(job.schedule?.missed, 'run-once');
  assert.equal(new Date(nextMs!).toISOString(), '2026-11-22T22:00:00.000Z');
  const { timesMs } = await client.get<JobTimes>(`/jobs/${job.id}/next?count=3`);
  assert.deepEqual(
    timesMs.map((ms) => ms - nextMs!),
    [0, 86_400_000, 2 * 86_400_000],
  );
  const paused = await client.patch<JobView>('/jobs/nightly', { enabled: false });
  assert.equal(paused.nextMs, undefined);
  assert.deepEqual(paused.job, { ...job, enabled: false });
  const moved = await client.patch<JobView>('/jobs/nightly', { repository: 'r2', schedule: null });
  assert.equal(moved.job.repositoryId, 'r2');
  assert.equal('schedule' in moved.job, false);
  assert.deepEqual((await client.get<JobTimes>(`/jobs/${job.id}/next`)).timesMs, []);
  await client.delete(`/jobs/${job.id}`);
  assert.deepEqual(await client.get<JobList>('/jobs'), { jobs: [] });
});

it('refuses what makes no sense, each with its reason', async () => {
  await using bench = await openBench();
  const { client } = bench;
  const refuse = (body: object, message: RegExp, code = 'invalid-input') =>
    assert.rejects(client.post('/jobs', body), { code, message }, JSON.stringify(body));
  await refuse({ ...order, selection: { include: [] } }, /say which VMs/);
  await refuse({ ...order, surprise: 1 }, /surprise/);
  await refuse({ ...order, name: '../etc' }, /may hold/);
  await refuse({ ...order, retention: { daily: -1, timeZone: 'UTC' } }, /retention\.daily/);
  await refuse({ ...order, retention: { daily: 1, timeZone: 'Mars' } }, /no such time zone/);
  await refuse({ ...order, maxChainLength: 1001 }, /maxChainLength/);
  await refuse({ ...order, schedule: { cron: 'now', timeZone: 'UTC' } }, /not understood/);
  await refuse({ ...order, repository: 'nothing' }, /no repository "nothing"/, 'not-found');
  const { repository: _, ...without } = order;
  await refuse(without, /There are 2 of the kind "repository"/);
  const everything = { rule: { by: 'all' }, reason: 'x' };
  await refuse(
    { ...order, selection: { include: [{ by: 'all' }], exclude: [everything] } },
    /selection\.exclude/,
  );
  await client.post('/jobs', order);
  await refuse(order, /already a job "nightly"/);
  await assert.rejects(client.get('/jobs/nothing'), { code: 'not-found' });
  await assert.rejects(client.patch('/jobs/nightly', { id: 'x' }), { code: 'invalid-input' });
  await assert.rejects(client.get('/jobs/nightly/next?count=0'), { code: 'invalid-input' });
});

it('does not run a job twice at once', async () => {
  await using bench = await openBench();
  const { client, queue } = bench;
  await client.post('/jobs', order);
  const tasks = [{ subject: 'vm', exclusive: 'vm', request: {} }];
  const run = await queue.submit({ kind: 'backup', title: 'nightly', jobName: 'nightly', tasks });
  await assert.rejects(client.post<RunRecord>('/jobs/nightly/runs'), {
    code: 'busy',
    message: new RegExp(`run show ${run.id} --follow`),
  });
  assert.equal((await client.get<JobView>('/jobs/nightly')).lastRun?.id, run.id);
});

it('simulates a policy over given points, a VM and the coming days', async () => {
  await using bench = await openBench();
  const { client, made } = bench;
  const simulate = (body: object) =>
    client.post<RetentionSimulation>('/retention-simulations', body);
  const given = await simulate({
    retention: { last: 1, timeZone: 'UTC' },
    points: [
      { id: 'a', createdAtMs: 1 },
      { id: 'b', createdAtMs: 2 },
      { id: 'c', createdAtMs: 0, pinned: true },
    ],
  });
  assert.deepEqual(
    given.now.map(({ id, keep, why }) => [id, keep, why]),
    [
      ['b', true, 'one of the last'],
      ['a', false, 'no rule keeps it'],
      ['c', true, 'pinned'],
    ],
  );
  assert.equal(given.coming, undefined);
  await client.post('/jobs', { ...order, schedule });
  for (const [i, repositoryId] of ['r1', 'r1', 'r2'].entries()) {
    const point = sampleRestorePoint({ id: `p${i}`, createdAtMs: i * 1000, repositoryId });
    await made.catalog.addRestorePoint({
      ...point,
      header: { ...point.header, jobName: i === 0 ? 'nightly' : null },
    });
  }
  const ofJob = await simulate({ job: 'nightly', vm: 'demo-app', days: 30 });
  assert.deepEqual(
    ofJob.now.map(({ id }) => id),
    ['p0'],
  );
  assert.equal(ofJob.coming?.counts.length, 30);
  const ofAll = await simulate({ retention: order.retention, vm: 'demo-app', repository: 'r1' });
  assert.equal(ofAll.now.length, 2);
  await assert.rejects(simulate({}), { code: 'invalid-input', message: /Say what to keep/ });
  await assert.rejects(simulate({ job: 'nightly', days: 4001 }), { code: 'invalid-input' });
  await assert.rejects(
    simulate({
      retention: order.retention,
      schedule: { cron: '* * * * *', timeZone: 'UTC' },
    }),
    { code: 'invalid-input', message: /comes more than 10000 times in 400 days/ },
  );
});

it('shows what verification found, in the list, on its own, pinned and not', async () => {
  await using bench = await openBench();
  const { client, made } = bench;
  const point = sampleRestorePoint({ id: 'p1', createdAtMs: 1, repositoryId: 'r1' });
  const damage = { atMs: 5, path: point.path, message: 'A chunk is wrong.' };
  await made.catalog.addRestorePoint(point);
  await made.catalog.setDamage(new Map([['p1', damage]]));
  const { restorePoints } = await client.get<{ restorePoints: unknown[] }>('/restore-points');
  assert.deepEqual(restorePoints, [{ ...point, damage }]);
  const pinned = await client.patch<RestorePointView>('/restore-points/p1', { pinned: true });
  assert.deepEqual(pinned.damage, damage);
  const unpinned = await client.patch<RestorePointView>('/restore-points/p1', { pinned: false });
  assert.deepEqual(unpinned, { ...point, damage });
  const page = { point, endpoints: [], repositoryName: 'main', nowMs: 10 };
  assert.match(restorePointPage({ ...page, damage }).toString(), /Damaged:.*A chunk is wrong\./);
  assert.doesNotMatch(restorePointPage(page).toString(), /Damaged/);
});

it('pins, shows pins, and asks the engine to remove', async () => {
  await using bench = await openBench();
  const { client, made, removals, queue } = bench;
  const point = sampleRestorePoint({ id: 'p1', createdAtMs: 1, repositoryId: 'r1' });
  await made.catalog.addRestorePoint(point);
  const pinned = await client.patch<RestorePointView>('/restore-points/p1', { pinned: true });
  assert.deepEqual(pinned.pin, { atMs: made.clock.now(), note: '' });
  assert.deepEqual(await client.get<RestorePointView>('/restore-points/p1'), pinned);
  const { restorePoints } = await client.get<{ restorePoints: unknown[] }>('/restore-points');
  assert.deepEqual(restorePoints, [pinned]);
  assert.deepEqual(await client.patch('/restore-points/p1', { pinned: false }), point);
  await client.delete('/restore-points/p1');
  await client.delete('/restore-points/p1?evenLast=true');
  assert.deepEqual(
    removals.map(({ id, evenLast, repository }) => [id, evenLast, repository.id]),
    [
      ['p1', false, 'r1'],
      ['p1', true, 'r1'],
    ],
  );
  await assert.rejects(client.delete('/restore-points/p2'), { code: 'not-found' });

  const waiting = (kind: 'verify' | 'backup', request: object) =>
    queue.submit({
      kind,
      title: kind,
      jobName: null,
      tasks: [{ subject: 'x', exclusive: kind, request: { ...request } }],
    });
  await waiting('verify', { restorePoint: 'p1' });
  assert.deepEqual(removals[0]!.inUse(), new Set(['p1']));
  await waiting('backup', { instanceUuid: point.header.vm.instanceUuid });
  await assert.rejects(client.delete('/restore-points/p1'), {
    code: 'busy',
    message: /is being backed up/,
  });
});
