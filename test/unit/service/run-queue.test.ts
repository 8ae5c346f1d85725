import assert from 'node:assert/strict';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { it } from 'node:test';

import { openCatalog, type Catalog } from '#catalog/open-catalog.ts';
import type { RunEvent } from '#core/api.ts';
import { ColdframeError } from '#core/error.ts';
import { createServiceLog } from '#service/log/logger.ts';
import { RunLogs } from '#service/log/run-logs.ts';
import { SecretMask } from '#service/log/secret-mask.ts';
import { RunEvents } from '#service/runs/run-events.ts';
import { RunQueue, type RunOrder } from '#service/runs/run-queue.ts';
import type { ExecuteTask, TaskInput, TaskOutcome } from '#service/runs/run-task.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { countingIds, testClock } from '#test/support/test-clock.ts';

interface Bench extends AsyncDisposable {
  readonly queue: RunQueue;
  readonly catalog: Catalog;
  readonly events: RunEvents;
  readonly errors: unknown[];
}

async function openBench(execute: ExecuteTask, limit = 2): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const clock = testClock();
  const ids = countingIds();
  const catalog = stack.use(await openCatalog({ dataDir: folder.path, clock, ids }));
  const mask = new SecretMask();
  const stream = new PassThrough().resume();
  const service = createServiceLog({ level: 'info', journald: false, mask, stream });
  const events = new RunEvents();
  const logs = new RunLogs({
    folder: join(folder.path, 'runs'),
    service,
    mask,
    clock,
    onLine: (runId, line) => events.publish(runId, { type: 'log', line }),
  });
  const errors: unknown[] = [];
  const onError = (_message: string, error: unknown): void => void errors.push(error);
  const store = catalog;
  const queue = new RunQueue({ store, logs, events, clock, ids, limit, execute, onError });
  const kept = stack.move();
  return {
    queue,
    catalog,
    events,
    errors,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function order(...subjects: readonly string[]): RunOrder {
  return {
    kind: 'backup',
    title: `Back up ${subjects.join(', ')}`,
    jobName: null,
    tasks: subjects.map((subject) => ({ subject, exclusive: subject, request: { subject } })),
  };
}

const good: TaskOutcome = { warnings: [], result: { restorePointId: 'rp1' } };

async function ended(bench: Bench, runId: string): Promise<RunEvent[]> {
  const seen: RunEvent[] = [];
  const { signal } = new AbortController();
  for await (const { data } of bench.events.follow(runId, -1, signal)) seen.push(data);
  return seen;
}

/** Tasks that stay where they are until they are let go. */
function gate(): { readonly execute: ExecuteTask; readonly running: Map<string, () => void> } {
  const running = new Map<string, () => void>();
  return {
    running,
    execute: ({ task, signal }: TaskInput) =>
      new Promise((resolve, reject) => {
        running.set(task.subject, () => {
          running.delete(task.subject);
          resolve(good);
        });
        signal.addEventListener('abort', () => {
          running.delete(task.subject);
          reject(signal.reason as Error);
        });
      }),
  };
}

/** Waits for something that is about to happen; the deadline is for a test that would hang. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(condition(), `never happened: ${String(condition)}`);
}

const subjects = (running: ReadonlyMap<string, unknown>): string => [...running.keys()].join(', ');

it('carries a task from queued to done and tells every step', async () => {
  await using bench = await openBench(async ({ log, onProgress }) => {
    log.info('Snapshot made.');
    onProgress({ label: 'disk-0', phase: 'copying', doneBytes: 1, totalBytes: 2, storedBytes: 1 });
    return good;
  });
  const run = await bench.queue.submit(order('a'));
  assert.equal((await bench.catalog.getRun(run.id))?.state, 'queued');
  bench.queue.start();
  const events = await ended(bench, run.id);
  assert.deepEqual(
    events.map((event) =>
      event.type === 'run'
        ? event.run.state
        : event.type === 'task'
          ? `task ${event.task.state}`
          : event.type,
    ),
    ['queued', 'task running', 'running', 'log', 'progress', 'task succeeded', 'succeeded'],
  );
  const [task] = await bench.catalog.tasksOfRun(run.id);
  assert.deepEqual(task?.result, good.result);
  assert.equal(task?.disks[0]?.doneBytes, 1);
  assert.equal((await bench.catalog.getRun(run.id))?.state, 'succeeded');
  assert.deepEqual(await bench.catalog.unfinishedRuns(), []);
});

it('ends with warnings when a task has some, and with failed when one fails', async () => {
  await using bench = await openBench(async ({ task }) => {
    if (task.subject === 'bad') throw new ColdframeError('no-space', 'The repository is full.');
    return { ...good, warnings: ['crash-consistent only'] };
  });
  const ends: string[] = [];
  bench.queue.onTaskEnd(({ subject, state }) => {
    ends.push(`${subject} ${state}`);
  });
  bench.queue.start();
  const warned = await bench.queue.submit(order('a'));
  const failed = await bench.queue.submit(order('a2', 'bad'));
  await Promise.all([ended(bench, warned.id), ended(bench, failed.id)]);
  assert.equal((await bench.catalog.getRun(warned.id))?.state, 'warned');
  assert.equal((await bench.catalog.getRun(failed.id))?.state, 'failed');
  const tasks = await bench.catalog.tasksOfRun(failed.id);
  assert.deepEqual(
    tasks.map(({ subject, state, error }) => [subject, state, error?.code]),
    [
      ['a2', 'warned', undefined],
      ['bad', 'failed', 'no-space'],
    ],
  );
  assert.deepEqual(ends.toSorted(), ['a warned', 'a2 warned', 'bad failed']);
});

it('keeps to its limit, and never runs two tasks of one VM together', async () => {
  const { execute, running } = gate();
  await using bench = await openBench(execute, 2);
  bench.queue.start();
  const runs = [
    await bench.queue.submit(order('a')),
    await bench.queue.submit({
      ...order('a again'),
      tasks: [{ ...order('a').tasks[0]!, subject: 'a again' }],
    }),
    await bench.queue.submit(order('b', 'c')),
  ];
  await until(() => subjects(running) === 'a, b');
  assert.deepEqual(bench.queue.load(), { running: 2, queued: 2 });
  running.get('b')!();
  await until(() => subjects(running) === 'a, c');
  running.get('a')!();
  await until(() => subjects(running) === 'c, a again');
  for (const go of running.values()) go();
  await Promise.all(runs.map(({ id }) => ended(bench, id)));
  await until(() => bench.queue.load().running === 0);
  assert.equal(bench.queue.load().queued, 0);
  assert.deepEqual(bench.errors, []);
});

it('cancels what runs and what waits', async () => {
  const { execute, running } = gate();
  await using bench = await openBench(execute, 1);
  bench.queue.start();
  const first = await bench.queue.submit(order('a'));
  const second = await bench.queue.submit(order('b'));
  await until(() => subjects(running) === 'a');
  const ends = [ended(bench, first.id), ended(bench, second.id)];
  await bench.queue.cancel(second.id);
  await bench.queue.cancel(first.id);
  await Promise.all(ends);
  assert.equal(running.size, 0);
  for (const { id } of [first, second]) {
    assert.equal((await bench.catalog.getRun(id))?.state, 'cancelled');
    await assert.rejects(bench.queue.cancel(id), /has already ended/);
  }
  await assert.rejects(bench.queue.cancel('nothing'), /no run nothing/);
});

it('stops: running tasks are asked to end and count as interrupted', async () => {
  const { execute, running } = gate();
  await using bench = await openBench(execute, 1);
  bench.queue.start();
  const first = await bench.queue.submit(order('a'));
  const second = await bench.queue.submit(order('b'));
  await until(() => subjects(running) === 'a');
  await bench.queue.stop(AbortSignal.timeout(5000));
  for (const { id } of [first, second])
    assert.equal((await bench.catalog.getRun(id))?.state, 'interrupted');
  await assert.rejects(bench.queue.submit(order('c')), /stopping/);
});

it('does not wait longer than told for a task that does not end', async () => {
  let began = false;
  const deaf = (): Promise<never> => {
    began = true;
    return new Promise(() => {});
  };
  await using bench = await openBench(deaf, 1);
  bench.queue.start();
  await bench.queue.submit(order('deaf'));
  await until(() => began);
  await bench.queue.stop(AbortSignal.timeout(50));
  assert.deepEqual(bench.queue.load(), { running: 1, queued: 0 });
});

it('marks the runs of a process that died', async () => {
  const { execute } = gate();
  await using bench = await openBench(execute);
  await bench.catalog.saveRun(
    {
      id: 'old',
      kind: 'backup',
      title: 'x',
      jobName: null,
      state: 'running',
      createdAtMs: 1,
      taskIds: ['t1', 't2'],
    },
    [
      {
        id: 't1',
        runId: 'old',
        kind: 'backup',
        subject: 'a',
        request: {},
        state: 'succeeded',
        createdAtMs: 1,
        disks: [],
        warnings: [],
      },
      {
        id: 't2',
        runId: 'old',
        kind: 'backup',
        subject: 'b',
        request: {},
        state: 'running',
        createdAtMs: 1,
        disks: [],
        warnings: [],
      },
    ],
  );
  assert.equal(await bench.queue.markInterrupted(), 1);
  assert.equal((await bench.catalog.getRun('old'))?.state, 'interrupted');
  assert.deepEqual(
    (await bench.catalog.tasksOfRun('old')).map(({ state, error }) => [state, error?.code]),
    [
      ['succeeded', undefined],
      ['interrupted', 'process-died'],
    ],
  );
  assert.equal(await bench.queue.markInterrupted(), 0);
});

it('tells which tasks run, so that recovery keeps its hands off them', async () => {
  const { execute, running } = gate();
  await using bench = await openBench(execute, 1);
  bench.queue.start();
  const first = await bench.queue.submit(order('a'));
  await bench.queue.submit(order('b'));
  await until(() => subjects(running) === 'a');
  assert.deepEqual([...bench.queue.runningTaskIds()], first.taskIds);
  running.get('a')!();
  await until(() => subjects(running) === 'b');
  running.get('b')!();
  await until(() => bench.queue.load().running === 0);
  assert.deepEqual([...bench.queue.runningTaskIds()], []);
});
