import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { it } from 'node:test';

import type { RepositoryView } from '#core/api.ts';
import type { Job } from '#core/job.ts';
import type { Notice } from '#core/notice.ts';
import type { RunRecord, TaskRecord } from '#core/run.ts';
import { Secret } from '#core/secret.ts';
import { createServiceLog } from '#service/log/logger.ts';
import { SecretMask } from '#service/log/secret-mask.ts';
import { Notifications } from '#service/notify/notifications.ts';
import { deliverDue } from '#service/notify/outbox.ts';
import { tellAlarms, tellEndedRuns, tellSummary } from '#service/notify/watch.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { countingIds } from '#test/support/test-clock.ts';
import { openTemporary } from '#test/unit/catalog/open-temporary.ts';

import { sampleNotice } from './sample-notice.ts';

const hour = 3_600_000;
const day = 24 * hour;
const signal = new AbortController().signal;

async function openBench() {
  const made = await openTemporary();
  const { catalog, clock } = made;
  const ids = countingIds();
  const mask = new SecretMask();
  const notifications = new Notifications({
    store: catalog,
    clock,
    ids,
    host: 'cf1',
    guard: (secret) => mask.add(secret),
  });
  const repositories: RepositoryView[] = [];
  const stream = new PassThrough();
  const log = createServiceLog({ level: 'info', journald: false, mask, stream });
  const options = {
    clock,
    ids,
    store: catalog,
    runs: catalog,
    points: catalog,
    jobs: catalog,
    notifications,
    listRepositories: async () => repositories,
    log,
  };
  const titles = async (): Promise<string[]> =>
    (await catalog.listNotices(50)).map(({ title }) => title);
  return {
    made,
    catalog,
    clock,
    mask,
    notifications,
    options,
    repositories,
    titles,
    logged: () => String(stream.read() ?? ''),
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

function run(id: string, endedAtMs: number, more: Partial<RunRecord> = {}): RunRecord {
  const title = `Back up ${id}`;
  const times = { createdAtMs: endedAtMs - 1000, endedAtMs };
  return {
    id,
    kind: 'backup',
    title,
    jobName: null,
    state: 'failed',
    taskIds: [`${id}-t`],
    ...times,
    ...more,
  };
}

function task(runId: string, more: Partial<TaskRecord> = {}): TaskRecord {
  return {
    id: `${runId}-t`,
    runId,
    kind: 'backup',
    subject: 'web-1',
    request: {},
    state: 'failed',
    createdAtMs: 1,
    disks: [],
    warnings: [],
    error: { code: 'no-space', message: 'The repository is full.' },
    ...more,
  };
}

const job: Job = {
  id: 'j1',
  name: 'nightly',
  enabled: true,
  endpointId: 'e1',
  repositoryId: 'r1',
  selection: { include: [{ by: 'all' }], exclude: [] },
  schedule: { cron: '0 22 * * *', timeZone: 'UTC', missed: 'skip' },
  retention: { timeZone: 'UTC' },
  compression: 'none',
  maxChainLength: 14,
  onQuiesceFailure: 'crash-consistent',
  createdAtMs: 0,
} as unknown as Job;

it('tells every run that ended once, over a restart too, and none that ended before', async () => {
  await using bench = await openBench();
  const { catalog, clock, options, titles, made } = bench;
  await catalog.saveRun(run('old', clock.now() - hour), [task('old')]);
  await tellEndedRuns(options);
  assert.deepEqual(await titles(), []);
  await clock.sleep(hour);
  await catalog.saveRun(run('a', clock.now() - 2), [task('a')]);
  await catalog.saveRun(run('b', clock.now() - 1, { state: 'succeeded' }), [
    task('b', { state: 'succeeded' }),
  ]);
  await tellEndedRuns(options);
  assert.deepEqual(await titles(), ['Back up b is done', 'Back up a failed']);
  const fresh = await made.reopen();
  await tellEndedRuns({ ...options, store: fresh, runs: fresh });
  const notices = await fresh.listNotices(10);
  assert.equal(notices.length, 2);
  assert.match(
    notices[1]?.text ?? '',
    /^0 of 1 done.*\nweb-1 failed\n {2}The repository is full\./,
  );
});

it('posts by rule, tries again later, and gives up after a day', async () => {
  await using bench = await openBench();
  const { catalog, clock, notifications, options, logged } = bench;
  await notifications.change({
    mail: {
      host: 'mail.example',
      port: 25,
      security: 'none',
      user: '',
      from: 'a@example.org',
      to: ['b@example.org'],
      rule: 'failures',
    },
    syslog: { host: 'log.example', port: 514, protocol: 'udp', rule: 'always' },
  });
  for (const [severity, title] of [
    ['warning', 'half bad'],
    ['failure', 'bad'],
  ] as const) {
    const notice = sampleNotice({ id: title, severity, title, timeMs: clock.now() });
    const postings = await notifications.postingsOf(notice);
    await catalog.note({ notices: [notice], postings });
  }
  const waiting = await catalog.postings();
  assert.deepEqual(waiting.map(({ to, notice }) => `${to} ${notice.title}`).toSorted(), [
    'mail bad',
    'syslog bad',
    'syslog half bad',
  ]);
  const delivered: string[] = [];
  const attempts: number[] = [];
  const delivererOf = async (to: string) => async (notice: Notice) => {
    if (to === 'syslog') return void delivered.push(notice.title);
    attempts.push(clock.now());
    throw new Error('no mail today');
  };
  const store = catalog;
  const { log } = options;
  await deliverDue({ store, clock, log, delivererOf }, signal);
  assert.deepEqual(delivered, ['half bad', 'bad']);
  for (let i = 0; i < 200; i++) {
    await clock.sleep(15 * 60_000);
    await deliverDue({ store, clock, log, delivererOf }, signal);
  }
  assert.equal(attempts.length, 7);
  assert.ok(attempts.at(-1)! - attempts[0]! > 23 * hour);
  assert.deepEqual(await catalog.postings(), []);
  assert.match(logged(), /is given up/);
});

it('raises an alarm for a VM without a good restore point and a job that did not start', async () => {
  await using bench = await openBench();
  const { catalog, clock, options, titles } = bench;
  const at = clock.now();
  const point = sampleRestorePoint({ id: 'p1', createdAtMs: at });
  await catalog.saveJob({ ...job, createdAtMs: at });
  await catalog.saveRun(run('r', at, { jobName: 'nightly', state: 'succeeded' }), []);
  await catalog.addRestorePoint({
    ...point,
    header: { ...point.header, jobName: 'nightly' },
  });
  await tellAlarms(options, signal);
  assert.deepEqual(await titles(), []);
  await clock.sleep(40 * hour);
  await tellAlarms(options, signal);
  const told = await titles();
  assert.equal(told.length, 2);
  assert.ok(told.includes('Job nightly did not start'), told.join());
  assert.ok(told.some((title) => title.includes('has no good restore point')));
  await tellAlarms(options, signal);
  assert.equal((await titles()).length, 2, 'not again at once');
  await catalog.saveJob({ ...job, createdAtMs: at, enabled: false });
  await tellAlarms(options, signal);
  assert.equal((await titles()).filter((title) => title.startsWith('Over: ')).length, 2);
  assert.deepEqual(await catalog.standingAlarms(), []);
});

it('raises an alarm for damage, whoever made the restore point, until it is mended', async () => {
  await using bench = await openBench();
  const { catalog, clock, options, titles } = bench;
  const createdAtMs = clock.now();
  await catalog.addRestorePoint(sampleRestorePoint({ id: 'p1', createdAtMs }));
  await catalog.addRestorePoint(sampleRestorePoint({ id: 'p2', createdAtMs, parentId: 'p1' }));
  const damage = { atMs: createdAtMs, path: 'x.tar', message: 'a digest differs' };
  await catalog.setDamage(new Map([['p2', damage]]));
  await tellAlarms(options, signal);
  assert.deepEqual(await titles(), ['A restore point of demo-app cannot be restored whole']);
  await catalog.setDamage(new Map([['p2', undefined]]));
  await clock.sleep(1000);
  await tellAlarms(options, signal);
  assert.match((await titles())[0] ?? '', /^Over: A restore point of demo-app/);
});

it('sends the summary once a day at its hour', async () => {
  await using bench = await openBench();
  const { catalog, clock, notifications, options, titles, repositories } = bench;
  repositories.push({ id: 'r1', name: 'main', root: '/x', addedAtMs: 0, freeBytes: 2 ** 40 });
  await notifications.change({ summary: { hour: 7, timeZone: 'UTC' } });
  await tellSummary(options, signal);
  assert.deepEqual(await titles(), []);
  for (let i = 0; i < 48; i++) {
    await clock.sleep(hour);
    await catalog.saveRun(run(`r${i}`, clock.now()), []);
    await tellSummary(options, signal);
  }
  const notices = await catalog.listNotices(10);
  assert.equal(notices.length, 2);
  assert.match(
    notices[0]?.title ?? '',
    /^The last day: 0 restore points, 24 failed runs, 0 alarms$/,
  );
  assert.match(notices[0]?.text ?? '', /Repository main: 1\.0 TiB free/);
  assert.ok((notices[0]?.timeMs ?? 0) - (notices[1]?.timeMs ?? 0) === day);
});

it('keeps secrets sealed, out of what it shows, and out of logs', async () => {
  await using bench = await openBench();
  const { catalog, notifications, mask, made } = bench;
  const password = new Secret('mail-secret-1');
  await notifications.change({
    mail: {
      host: 'mail.example',
      port: 587,
      security: 'starttls',
      user: 'backup',
      password,
      from: 'a@example.org',
      to: ['b@example.org'],
      rule: 'warnings',
    },
  });
  const hook = { name: 'chat', url: 'https://chat.example/h', rule: 'always' } as const;
  const view = await notifications.addWebhook(hook, new Secret('hook-secret-2'));
  assert.equal(view.webhooks[0]?.signed, true);
  const shown = JSON.stringify([view, await catalog.notifySettings()]);
  for (const secret of ['mail-secret-1', 'hook-secret-2']) {
    assert.ok(!shown.includes(secret));
    assert.equal(mask.apply(`x ${secret} y`), 'x [secret] y');
  }
  const fresh = await made.reopen();
  assert.equal((await fresh.notifySecret('mail'))?.reveal(), 'mail-secret-1');
  const { mail } = view;
  assert.equal(mail?.user, 'backup');
});

it('keeps the password when other things of the mail change, and forgets it with the mail', async () => {
  await using bench = await openBench();
  const { catalog, notifications } = bench;
  const mail = {
    host: 'mail.example',
    port: 587,
    security: 'starttls',
    user: 'backup',
    from: 'a@example.org',
    to: ['b@example.org'],
    rule: 'warnings',
  } as const;
  await notifications.change({ mail: { ...mail, to: [...mail.to], password: new Secret('p') } });
  const changed = await notifications.change({ mail: { ...mail, to: ['c@example.org'] } });
  assert.deepEqual(changed.mail?.to, ['c@example.org']);
  assert.equal((await catalog.notifySecret('mail'))?.reveal(), 'p');
  const kept = await notifications.change({ alarms: { vmHours: 5 } });
  assert.equal(kept.mail?.host, 'mail.example');
  assert.equal(kept.alarms.vmHours, 5);
  assert.equal(kept.alarms.jobMinutes, 60);
  assert.equal((await notifications.change({ mail: null })).mail, undefined);
  assert.equal(await catalog.notifySecret('mail'), undefined);
  await assert.rejects(notifications.test('mail', signal), /Nothing called mail is set up/);
});
