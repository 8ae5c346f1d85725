import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ColdframeError } from '#core/error.ts';
import type { Job, Schedule } from '#core/job.ts';
import { checkSchedule, nextRuns } from '#service/schedule/next-runs.ts';
import { runScheduler } from '#service/schedule/scheduler.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

const berlin = (cron: string, missed: Schedule['missed'] = 'run-once'): Schedule => ({
  cron,
  timeZone: 'Europe/Berlin',
  missed,
});
const jobWith = (schedule: Schedule, more: Partial<Job> = {}): Job => ({
  id: 'j1',
  name: 'nightly',
  enabled: true,
  endpointId: 'e1',
  repositoryId: 'r1',
  selection: { include: [{ by: 'all' }], exclude: [] },
  schedule,
  retention: { timeZone: 'UTC', last: 7 },
  compression: 'zstd',
  maxChainLength: 14,
  onQuiesceFailure: 'crash-consistent',
  createdAtMs: 0,
  ...more,
});

function harness(start: string, first: Job, options: { last?: string; busy?: boolean } = {}) {
  const clock = new FakeClock(Date.parse(start));
  const marks = new Map<string, number>();
  if (options.last !== undefined) marks.set(first.id, Date.parse(options.last));
  let jobs: readonly Job[] = [first];
  const started: string[] = [];
  const warnings: string[] = [];
  const stop = new AbortController();
  const done = runScheduler({
    clock,
    jobs: {
      listJobs: () => Promise.resolve(jobs),
      lastScheduledMs: (id) => Promise.resolve(marks.get(id)),
      setLastScheduledMs: (id, ms) => Promise.resolve(void marks.set(id, ms)),
    },
    start: (_job, dueMs) => {
      started.push(new Date(dueMs).toISOString());
      return Promise.resolve(options.busy !== true);
    },
    log: { info: () => undefined, warn: (message) => warnings.push(message) },
    signal: stop.signal,
  });
  const end = async (): Promise<void> => {
    stop.abort();
    await done;
  };
  const replace = (...others: readonly Job[]): void => {
    jobs = others;
  };
  return { clock, started, warnings, end, replace };
}
const hours = 3_600_000;

test('a nightly job runs once each night at its local time', async () => {
  const h = harness('2026-11-22T12:00Z', jobWith(berlin('0 22 * * *')));
  await h.clock.advance(49 * hours);
  await h.end();
  assert.deepEqual(h.started, ['2026-11-22T21:00:00.000Z', '2026-11-23T21:00:00.000Z']);
});

test('the local hour that summer time skips runs once, the one that comes twice runs once', async () => {
  const spring = harness('2026-03-28T12:00Z', jobWith(berlin('30 2 * * *')));
  await spring.clock.advance(24 * hours);
  await spring.end();
  assert.equal(spring.started.length, 1);
  const autumn = harness('2026-10-24T12:00Z', jobWith(berlin('30 2 * * *')));
  await autumn.clock.advance(24 * hours);
  await autumn.end();
  assert.equal(autumn.started.length, 1);
});

test('times missed while the service was down become one run, or a warning', async () => {
  const once = harness('2026-11-22T12:00Z', jobWith(berlin('0 22 * * *')), {
    last: '2026-11-18T00:00Z',
  });
  await once.clock.advance(1000);
  await once.end();
  assert.deepEqual(once.started, ['2026-11-21T21:00:00.000Z']);
  const skip = harness('2026-11-22T12:00Z', jobWith(berlin('0 22 * * *', 'skip')), {
    last: '2026-11-18T00:00Z',
  });
  await skip.clock.advance(1000);
  await skip.end();
  assert.deepEqual(skip.started, []);
  assert.match(skip.warnings[0] ?? '', /missed/);
});

test('years of missed minutes are one run, quickly', async () => {
  const h = harness('2026-11-22T12:00Z', jobWith(berlin('* * * * *')), {
    last: '2020-01-01T00:00Z',
  });
  await h.clock.advance(10);
  await h.end();
  assert.deepEqual(h.started, ['2026-11-22T12:00:00.000Z']);
});

test('a time that comes while the last run goes on is let go with a warning', async () => {
  const h = harness('2026-11-22T20:59Z', jobWith(berlin('0 22 * * *')), { busy: true });
  await h.clock.advance(2 * 60_000);
  await h.end();
  assert.match(h.warnings[0] ?? '', /has not ended/);
});

test('a clock set back by a day neither repeats times nor stops the schedule', async () => {
  const h = harness('2026-11-22T12:00Z', jobWith(berlin('0 * * * *')));
  await h.clock.advance(2 * hours);
  h.clock.jump(-24 * hours);
  await h.clock.advance(2 * hours);
  await h.end();
  assert.equal(new Set(h.started).size, h.started.length, 'no time twice');
  assert.equal(h.started.length, 4);
});

test('a disabled job does not run', async () => {
  const h = harness('2026-11-22T12:00Z', jobWith(berlin('* * * * *'), { enabled: false }));
  await h.clock.advance(hours);
  await h.end();
  assert.deepEqual(h.started, []);
});

test('bad schedules are refused with the reason', () => {
  for (const cron of ['0 22 * *', 'x', '61 0 * * *', '0 0 31 2 *', '0 0 0 * * *'])
    assert.throws(() => checkSchedule(berlin(cron), 0), ColdframeError, cron);
  assert.throws(
    () => checkSchedule({ cron: '0 0 * * *', timeZone: 'Mars/Base', missed: 'skip' }, 0),
    ColdframeError,
  );
  assert.equal(nextRuns(berlin('0 22 * * *'), 0, 3).length, 3);
});

test('a job that is made seconds before its time runs at its time', async () => {
  const h = harness('2026-11-22T12:00:10Z', jobWith(berlin('0 22 * * *')));
  await h.clock.advance(9 * hours - 15_000);
  const createdAtMs = h.clock.now();
  const second = jobWith(berlin('0 22 * * *'), { id: 'j2', name: 'second', createdAtMs });
  h.replace(second);
  await h.clock.advance(60_000);
  await h.end();
  assert.deepEqual(h.started, ['2026-11-22T21:00:00.000Z']);
});

test('what passed while a job was paused or had another schedule was not missed', async () => {
  const job = jobWith(berlin('0 * * * *'));
  const h = harness('2026-11-22T12:10Z', { ...job, enabled: false }, { last: '2026-11-20T12:00Z' });
  await h.clock.advance(5 * hours);
  h.replace(job);
  await h.clock.advance(40 * 60_000);
  assert.deepEqual(h.started, []);
  h.replace({ ...job, schedule: berlin('30 * * * *') });
  await h.clock.advance(45 * 60_000);
  await h.end();
  assert.deepEqual(h.started, ['2026-11-22T18:30:00.000Z']);
});

test('a job whose schedule cannot be followed does not stop the others', async () => {
  const broken = jobWith({ cron: 'not a schedule', timeZone: 'UTC', missed: 'skip' }, { id: 'j0' });
  const good = jobWith(berlin('0 22 * * *'));
  const clock = new FakeClock(Date.parse('2026-11-22T12:00Z'));
  const marks = new Map<string, number>([['j0', clock.now() - hours]]);
  const [started, warnings]: [string[], string[]] = [[], []];
  const stop = new AbortController();
  const done = runScheduler({
    clock,
    jobs: {
      listJobs: () => Promise.resolve([broken, good]),
      lastScheduledMs: (id) => Promise.resolve(marks.get(id)),
      setLastScheduledMs: (id, ms) => Promise.resolve(void marks.set(id, ms)),
    },
    start: ({ id }) => Promise.resolve(started.push(id) > 0),
    log: { info: () => undefined, warn: (message) => warnings.push(message) },
    signal: stop.signal,
  });
  await clock.advance(12 * hours);
  stop.abort();
  await done;
  assert.deepEqual(started, ['j1']);
  assert.match(
    warnings[0] ?? '',
    /its schedule could not be followed: The schedule "not a schedule"/,
  );
});
