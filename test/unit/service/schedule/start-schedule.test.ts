import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import type { Job } from '#core/job.ts';
import type { RunRecord, TaskRecord } from '#core/run.ts';
import { startSchedule, type ScheduleOptions } from '#service/compose-schedule.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { countingIds } from '#test/support/test-clock.ts';

const minuteMs = 60_000;

function job(id: string): Job {
  return {
    id,
    name: `job ${id}`,
    enabled: true,
    endpointId: id,
    repositoryId: 'r1',
    selection: { include: [{ by: 'all' }], exclude: [] },
    schedule: { cron: '* * * * *', timeZone: 'UTC', missed: 'skip' },
    retention: { timeZone: 'UTC' },
    compression: 'zstd',
    maxChainLength: 1,
    onQuiesceFailure: 'fail',
    createdAtMs: 0,
  };
}

/** `looks`: what the endpoint of each job answers when its VMs are asked for. */
function harness(looks: Readonly<Record<string, () => Promise<readonly never[]>>>) {
  const clock = new FakeClock(Date.UTC(2026, 10, 22, 12, 0, 30));
  const saved: { run: RunRecord; tasks: readonly TaskRecord[] }[] = [];
  const marks = new Map<string, number>();
  const asked: string[] = [];
  const options = {
    clock,
    ids: countingIds(),
    jobs: {
      listJobs: () => Promise.resolve(Object.keys(looks).map(job)),
      lastScheduledMs: (id: string) => Promise.resolve(marks.get(id)),
      setLastScheduledMs: (id: string, ms: number) => Promise.resolve(void marks.set(id, ms)),
    },
    runs: {
      unfinishedRuns: () => Promise.resolve([]),
      saveRun: (run: RunRecord, tasks: readonly TaskRecord[] = []) =>
        Promise.resolve(void saved.push({ run, tasks })),
    },
    endpoints: {
      listVms: (id: string) => {
        asked.push(id);
        return looks[id]!();
      },
    },
    repositories: { find: () => Promise.resolve({ id: 'r1' }) },
    ownVm: () => Promise.resolve(undefined),
    log: { log: () => undefined },
  } as unknown as ScheduleOptions;
  return { clock, saved, asked, schedule: startSchedule(options) };
}

test('a job that cannot begin leaves a failed run with the reason', async () => {
  const h = harness({
    a: () => Promise.reject(new ColdframeError('unreachable', 'vcenter does not answer.')),
  });
  await h.clock.advance(minuteMs);
  await h.schedule[Symbol.asyncDispose]();
  assert.equal(h.saved.length, 1);
  const { run, tasks } = h.saved[0]!;
  assert.equal(run.state, 'failed');
  assert.equal(run.jobName, 'job a');
  assert.deepEqual(
    run.taskIds,
    tasks.map(({ id }) => id),
  );
  assert.equal(tasks[0]?.error?.message, 'vcenter does not answer.');
});

test('an endpoint that does not answer holds up no other job, and is asked once', async () => {
  const silent = Promise.withResolvers<readonly never[]>();
  const h = harness({ a: () => silent.promise, b: () => Promise.resolve([]) });
  await h.clock.advance(3 * minuteMs);
  assert.deepEqual(
    h.asked.filter((id) => id === 'a'),
    ['a'],
  );
  assert.ok(h.asked.filter((id) => id === 'b').length >= 2);
  silent.resolve([]);
  await h.schedule[Symbol.asyncDispose]();
});
