import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RepositoryConfig, VerificationPlan } from '#core/config.ts';
import type { RunRecord } from '#core/run.ts';
import type { RollingOutcome, RollingRequest } from '#engine/verify-oldest-proofs.ts';
import {
  createVerificationPlans,
  executeRolling,
  orderRolling,
} from '#service/operations/rolling-verification.ts';
import {
  verificationExecutor,
  verificationOrderSchema,
} from '#service/operations/verifications.ts';
import type { UseCases } from '#service/ports.ts';
import { startVerificationSchedule } from '#service/schedule/verification-schedule.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

const hourMs = 3_600_000;
const repository: RepositoryConfig = { id: 'r1', name: 'main', root: '/srv', addedAtMs: 0 };
const plan: VerificationPlan = {
  schedule: { cron: '0 8 * * *', timeZone: 'UTC', missed: 'skip' },
  hours: 2,
  againAfterDays: 30,
};
const clean: RollingOutcome = { checked: 3, checkedBytes: 9, damaged: [], left: 4, unjudged: [] };
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function world(outcome: RollingOutcome) {
  const asked: RollingRequest[] = [];
  const useCases = {
    verifyOldestProofs: (request: RollingRequest) => {
      asked.push(request);
      return Promise.resolve(outcome);
    },
  } as unknown as UseCases;
  const repositories = { find: () => Promise.resolve(repository) };
  return { asked, useCases, repositories };
}

const watch = { log, signal: new AbortController().signal, onProgress: () => undefined };

test('an order becomes a run of its own, and means hours and days', async () => {
  const { asked, useCases, repositories } = world(clean);
  let request: unknown;
  const order = { repository: 'main', hours: 2, againAfterDays: 30 };
  await orderRolling(
    {
      repositories,
      queue: {
        submit: (run) => {
          request = run.tasks[0]!.request;
          assert.equal(run.kind, 'verify');
          return Promise.resolve({ id: 'run' } as RunRecord);
        },
      },
    },
    order,
  );
  assert.deepEqual(request, { ...order, repository: 'r1' });
  const execute = verificationExecutor(
    { repositories, restorePoints: {} } as unknown as Parameters<typeof verificationExecutor>[0],
    useCases,
  );
  const { warnings, result } = await execute({
    ...watch,
    task: { request },
  } as unknown as Parameters<typeof execute>[0]);
  assert.deepEqual(warnings, []);
  assert.equal(result?.['checked'], 3);
  assert.equal(asked[0]?.mostMs, 2 * hourMs);
  assert.equal(asked[0]?.againAfterMs, 30 * 24 * hourMs);
});

test('damage fails the run and names the VMs; what could not be judged is a warning', async () => {
  const found = { restorePointId: 'p', vmName: 'db01', path: 'db01_x/p.tar', message: 'Bad.' };
  const bad = world({ ...clean, damaged: [found] });
  const order = { repository: 'r1', hours: 1, againAfterDays: 0 };
  await assert.rejects(executeRolling(bad, order, watch), {
    code: 'archive-damaged',
    message: /1 of the archives read in repository "main" are damaged, those of db01/,
  });
  const odd = world({ ...clean, unjudged: [{ path: 'a.tar', reason: 'it is encrypted.' }] });
  const { warnings } = await executeRolling(odd, order, watch);
  assert.deepEqual(warnings, ['a.tar could not be checked: it is encrypted.']);
});

test('an order says what is to be verified, and only that', () => {
  assert.ok(verificationOrderSchema.safeParse({ restorePoint: 'p' }).success);
  assert.deepEqual(verificationOrderSchema.parse({ repository: 'r' }), {
    repository: 'r',
    hours: 24,
    againAfterDays: 0,
  });
  for (const wrong of [{}, { restorePoint: 'p', repository: 'r' }, { repository: 'r', hours: 0 }])
    assert.ok(!verificationOrderSchema.safeParse(wrong).success, JSON.stringify(wrong));
});

test('a repository is verified by its plan, and not while the run before goes on', async () => {
  const clock = new FakeClock(Date.parse('2026-11-22T07:59:30Z'));
  const marks = new Map<string, number>();
  const started: string[] = [];
  let unfinished: readonly RunRecord[] = [];
  await using _schedule = startVerificationSchedule({
    clock,
    repositories: {
      listRepositories: () =>
        Promise.resolve([repository, { ...repository, id: 'r2', verification: plan }]),
    },
    jobs: {
      lastScheduledMs: (id) => Promise.resolve(marks.get(id)),
      setLastScheduledMs: (id, ms) => Promise.resolve(void marks.set(id, ms)),
    },
    runs: { unfinishedRuns: () => Promise.resolve(unfinished) },
    start: ({ id }, { hours }) => {
      started.push(`${id} ${hours}`);
      return Promise.resolve({ id: `run${started.length}` } as RunRecord);
    },
    log: { log: () => undefined },
  });
  await clock.advance(60_000);
  assert.deepEqual(started, ['r2 2']);
  unfinished = [{ id: 'run1' } as RunRecord];
  for (let i = 0; i < 25; i++) await clock.advance(hourMs);
  assert.equal(started.length, 1);
  unfinished = [];
  for (let i = 0; i < 24; i++) await clock.advance(hourMs);
  assert.equal(started.length, 2);
});

test('a plan is checked and saved, and taken away again', async () => {
  let saved: RepositoryConfig = repository;
  const plans = createVerificationPlans({
    store: { saveRepository: (changed) => Promise.resolve(void (saved = changed)) },
    repositories: { find: () => Promise.resolve(saved) },
    clock: new FakeClock(0),
  });
  await plans.set('main', plan);
  assert.deepEqual(saved.verification, plan);
  const never = { ...plan, schedule: { ...plan.schedule, cron: '0 0 31 2 *' } };
  await assert.rejects(plans.set('main', never), { code: 'invalid-input' });
  await plans.set('main', undefined);
  assert.deepEqual(saved, repository);
});
