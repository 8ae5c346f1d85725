import assert from 'node:assert/strict';
import { it } from 'node:test';

import { stateOfTasks, type RunRecord, type TaskRecord } from '#core/run.ts';

import { openTemporary } from './open-temporary.ts';

const run: RunRecord = {
  id: 'run1',
  kind: 'backup',
  title: 'Back up demo-app',
  jobName: null,
  state: 'queued',
  createdAtMs: 1000,
  taskIds: ['task1'],
};

const task: TaskRecord = {
  id: 'task1',
  runId: 'run1',
  kind: 'backup',
  subject: 'demo-app',
  request: { vm: 'demo-app' },
  state: 'queued',
  createdAtMs: 1000,
  disks: [],
  warnings: [],
};

it('keeps runs and tasks, errors with their causes included', async () => {
  await using made = await openTemporary();
  await made.catalog.saveRun(run, [task]);
  const failed: TaskRecord = {
    ...task,
    state: 'failed',
    endedAtMs: 3000,
    disks: [
      {
        label: 'disk-0',
        phase: 'copying',
        doneBytes: 1,
        totalBytes: 2,
        storedBytes: 1,
        transport: 'hotadd',
      },
    ],
    error: {
      code: 'disk',
      message: 'read failed',
      details: { raw: 16_064 },
      cause: { code: 'io', message: 'EIO' },
    },
  };
  await made.catalog.saveTask(failed);
  const catalog = await made.reopen();
  assert.deepEqual(await catalog.getRun('run1'), run);
  assert.deepEqual(await catalog.tasksOfRun('run1'), [failed]);
});

it('knows which runs have not ended', async () => {
  await using made = await openTemporary();
  await made.catalog.saveRun(run);
  await made.catalog.saveRun({ ...run, id: 'run2', createdAtMs: 2000 });
  await made.catalog.saveRun({ ...run, state: 'succeeded', endedAtMs: 5000 });
  const catalog = await made.reopen();
  assert.deepEqual(
    (await catalog.unfinishedRuns()).map(({ id }) => id),
    ['run2'],
  );
  assert.deepEqual(
    (await catalog.listRuns({ limit: 10 })).map(({ id }) => id),
    ['run2', 'run1'],
  );
  assert.deepEqual(
    (await catalog.listRuns({ limit: 10, after: { createdAtMs: 2000, id: 'run2' } })).map(
      ({ id }) => id,
    ),
    ['run1'],
  );
});

it('ends with the last of many overlapping writes', async () => {
  await using made = await openTemporary();
  await Promise.all(
    Array.from({ length: 200 }, (_, i) => made.catalog.saveTask({ ...task, startedAtMs: i })),
  );
  assert.equal((await made.catalog.tasksOfRun('run1'))[0]?.startedAtMs, 199);
});

it('does not mix tasks of runs whose ids begin alike', async () => {
  await using made = await openTemporary();
  await made.catalog.saveTask(task);
  await made.catalog.saveTask({ ...task, runId: 'run10' });
  assert.equal((await made.catalog.tasksOfRun('run1')).length, 1);
});

it('takes the worst of its tasks as the state of a run', () => {
  assert.equal(stateOfTasks(['succeeded', 'warned']), 'warned');
  assert.equal(stateOfTasks(['succeeded', 'failed', 'cancelled']), 'failed');
  assert.equal(stateOfTasks(['succeeded', 'cancelled']), 'cancelled');
  assert.equal(stateOfTasks([]), 'succeeded');
});
