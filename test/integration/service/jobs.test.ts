import assert from 'node:assert/strict';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { it } from 'node:test';

import type { JobView, RestorePointView, RetentionSimulation, RunView } from '#core/api.ts';
import { isEnded, type RunRecord } from '#core/run.ts';
import { startService } from '#service/compose.ts';
import { loadConfig } from '#service/config.ts';
import { randomIds } from '#service/system-clock.ts';
import { startLab, type Lab } from '#test/lab/lab.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';
import { RunningClock } from '#test/support/running-clock.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

import { leftovers } from './bench.ts';
import { openPrograms, type Programs } from './programs.ts';

interface Bench extends AsyncDisposable {
  readonly lab: Lab;
  readonly clock: RunningClock;
  readonly programs: Programs;
  readonly root: string;
}

/** The lab, and a service in this process whose clock the test pushes on. */
async function openBench(start: string): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const dir = join(folder.path, 'lab');
  const lab = stack.use(await startLab({ dir, scenario: demoScenario(smallSizes) }));
  const programs = stack.use(await openPrograms());
  const clock = new RunningClock(Date.parse(start));
  stack.use(
    await startService({
      config: {
        ...loadConfig({ dataDir: programs.dataDir }, {}),
        sysfsRoot: lab.applianceRoot,
        workerEnv: { COLDFRAME_LAB_VDDK_MAP: lab.vddkMap },
      },
      clock,
      ids: randomIds,
      stream: new PassThrough().resume(),
    }),
  );
  const root = join(folder.path, 'repository');
  await mkdir(root);
  const password = join(folder.path, 'password');
  await writeFile(password, `${lab.password}\n`);
  const trust = ['--password-file', password, '--thumbprint', lab.thumbprintSha256];
  const where = ['--address', lab.address, '--user', lab.user];
  await good(programs, ['endpoint', 'add', 'lab', ...where, ...trust]);
  await good(programs, ['repository', 'add', 'main', root]);
  const kept = stack.move();
  return { lab, clock, programs, root, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function good(programs: Programs, words: readonly string[]): Promise<string> {
  const { code, out, err } = await programs.cli(words);
  assert.equal(code, 0, `${words.join(' ')}: ${err}`);
  return out;
}

/** The newest run, once there are `count` and all have ended. */
async function runNumber(programs: Programs, count: number): Promise<RunView> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const runs = await programs.json<RunRecord[]>(['run', 'list']);
    if (runs.length >= count && runs.every(({ state }) => isEnded(state)))
      return JSON.parse(
        (await programs.cli(['run', 'show', runs[0]!.id, '--json'])).out,
      ) as RunView;
    assert.ok(Date.now() < deadline, `run ${count} never came: ${JSON.stringify(runs)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface Pruned {
  readonly removed: readonly { readonly id: string; readonly reason: string }[];
  readonly kept: number;
  readonly keptBy: Readonly<Record<string, number>>;
}

function resultOf(view: RunView): { kind: string; pruned: Pruned; restorePointId: string } {
  return view.tasks[0]!.result as never;
}

const points = (programs: Programs): Promise<RestorePointView[]> =>
  programs.json<RestorePointView[]>(['restore-point', 'list']);

it('runs a job night after night: full, incremental, and out with the old', async () => {
  await using bench = await openBench('2030-01-07T21:59:00Z');
  const { lab, clock, programs, root } = bench;
  const when = ['--schedule', '0 22 * * *', '--time-zone', 'UTC'];
  const said = await good(programs, [
    'job',
    'add',
    'nightly',
    '--vm',
    'demo-app',
    ...when,
    '--keep-daily',
    '2',
    '--max-chain',
    '1',
  ]);
  assert.match(said, /Saved nightly/);
  const shown = await programs.json<JobView & { timesMs: number[] }>(['job', 'show', 'nightly']);
  assert.deepEqual(
    shown.timesMs.slice(0, 2).map((ms) => new Date(ms).toISOString()),
    ['2030-01-07T22:00:00.000Z', '2030-01-08T22:00:00.000Z'],
  );
  const nights: ReturnType<typeof resultOf>[] = [];
  const night = async (day: string): Promise<RunView> => {
    clock.pushTo(Date.parse(`2030-01-${day}T22:00:00Z`));
    const view = await runNumber(programs, nights.length + 1);
    nights.push(resultOf(view));
    return view;
  };
  for (const day of ['07', '08', '09']) {
    const { run } = await night(day);
    assert.equal(run.state, 'succeeded', day);
    assert.equal(run.jobName, 'nightly');
  }
  assert.deepEqual(
    nights.map(({ kind }) => kind),
    ['full', 'incremental', 'full'],
  );
  const third = await points(programs);
  assert.match(
    third[0]!.header.disks[0]!.modeReason,
    /^the chain has 2 restore points, as many as the job allows;/,
  );
  // The night before is one of two days, and builds on the first.
  assert.deepEqual(nights[2]!.pruned, {
    removed: [],
    freedBytes: 0,
    kept: 3,
    keptBy: { daily: 2, needed: 1 },
  });

  const simulated = await programs.json<RetentionSimulation>([
    'retention',
    'simulate',
    '--job',
    'nightly',
    '--vm',
    'demo-app',
    '--days',
    '10',
  ]);
  assert.deepEqual(
    simulated.now.map(({ keep }) => keep),
    [true, true, true],
  );
  assert.match(simulated.now[2]!.why, /builds on it/);
  const goes = simulated.coming!.points.find(({ id }) => id === nights[0]!.restorePointId);
  assert.equal(new Date(goes!.goneAtMs!).toISOString(), '2030-01-10T22:00:00.000Z');

  // And so it comes.
  const fourth = await night('10');
  assert.deepEqual(
    nights[3]!.pruned.removed.map(({ id, reason }) => [id, reason]),
    [
      [nights[1]!.restorePointId, 'no rule keeps it'],
      [nights[0]!.restorePointId, 'no rule keeps it'],
    ],
  );
  const text = await good(programs, ['run', 'show', fourth.run.id]);
  assert.match(text, /Retention +2 restore points kept, 2 removed, /);
  const left = await points(programs);
  assert.deepEqual(
    left.map(({ header }) => header.id),
    [nights[3]!.restorePointId, nights[2]!.restorePointId],
  );
  const [folder] = (await readdir(root)).filter((name) => !name.startsWith('.'));
  assert.equal((await readdir(join(root, folder!))).length, 2);
  await good(programs, ['verify', nights[3]!.restorePointId]);
  assert.deepEqual(await leftovers(lab), []);
});

it('pins, refuses and removes restore points, and a failed prune is only a warning', async () => {
  await using bench = await openBench('2030-02-01T12:00:00Z');
  const { clock, programs, root } = bench;
  const keep = ['--keep-last', '1', '--time-zone', 'UTC', '--max-chain', '0'];
  await good(programs, ['job', 'add', 'by-hand', '--in', 'cluster:Cluster', ...keep]);
  const run = async (): Promise<{ code: number; view: RunView }> => {
    clock.pushTo(clock.now() + 86_400_000);
    const { code, out } = await programs.cli(['job', 'run', 'by-hand', '--json']);
    return { code, view: JSON.parse(out) as RunView };
  };
  const first = resultOf((await run()).view).restorePointId;
  const last = await programs.cli(['restore-point', 'remove', first, '--yes']);
  assert.equal(last.code, 1);
  assert.match(last.err, /the last good one of demo-app/);
  await good(programs, ['restore-point', 'pin', first, '--note', 'before the upgrade']);
  const second = resultOf((await run()).view);
  assert.deepEqual(second.pruned.keptBy, { last: 1, pinned: 1 });
  assert.match(await good(programs, ['restore-point', 'show', first]), /before the upgrade/);
  const pinned = await programs.cli(['restore-point', 'remove', first, '--yes']);
  assert.equal(pinned.code, 1);
  assert.match(pinned.err, /pinned \(before the upgrade\)/);

  // An archive that somebody took away: nothing is removed, and the backup is good all the same.
  const all = await points(programs);
  const path = join(root, all.find(({ header }) => header.id === first)!.path);
  await rename(path, `${path}.away`);
  const { code, view } = await run();
  assert.equal(code, 3);
  assert.equal(view.run.state, 'warned');
  assert.match(view.tasks[0]!.warnings.join(), /The backup is good, but not all old .* lacks/);
  assert.equal((await points(programs)).length, 3);
  await rename(`${path}.away`, path);

  await good(programs, ['restore-point', 'unpin', first]);
  const fourth = resultOf((await run()).view);
  assert.equal(fourth.pruned.removed.length, 3);
  assert.deepEqual(
    (await points(programs)).map(({ header }) => header.id),
    [fourth.restorePointId],
  );
  await good(programs, ['restore-point', 'remove', fourth.restorePointId, '--yes', '--even-last']);
  assert.deepEqual(await points(programs), []);
});

it('adds, changes, pauses and removes jobs in words that people understand', async () => {
  await using bench = await openBench('2030-03-01T12:00:00Z');
  const { programs } = bench;
  const refused = async (words: readonly string[], message: RegExp, code = 2): Promise<void> => {
    const result = await programs.cli(words);
    assert.equal(result.code, code, result.err);
    assert.match(result.err, message);
  };
  await refused(['job', 'add', 'a'], /Say which VMs/);
  await refused(['job', 'add', 'a', '--vm', 'nobody'], /There is no VM "nobody"/);
  await refused(['job', 'add', 'a', '--all', '--exclude', 'x'], /lacks a reason/);
  await refused(['job', 'add', 'a', '--in', 'rack:12'], /names no place/);
  await refused(['job', 'add', 'a', '--all', '--schedule', '61 * * * *'], /is not understood/);
  await refused(['job', 'add', 'a', '--all', '--schedule', '0 0 30 2 *'], /never comes/);
  await refused(
    ['job', 'add', 'a', '--all', '--schedule', '0 1 * * *', '--time-zone', 'Mars/Base'],
    /no such time zone/,
  );
  await refused(['job', 'add', 'a', '--all', '--keep-daily', 'many'], /must be a whole number/);
  await refused(['job', 'show', 'a'], /There is no job "a"/, 4);
  await good(programs, [
    'job',
    'add',
    'a',
    '--all',
    '--exclude',
    'win*=tested elsewhere',
    '--keep-last',
    '3',
    '--schedule',
    '0 22 * * *',
    '--time-zone',
    'Europe/Berlin',
  ]);
  await refused(['job', 'add', 'a', '--all'], /already a job "a"/);
  await refused(['job', 'edit', 'a'], /Nothing to change/);
  const { job } = await programs.json<JobView>([
    'job',
    'edit',
    'a',
    '--rename',
    'b',
    '--keep-daily',
    '7',
    '--keep-last',
    '0',
  ]);
  assert.deepEqual(job.retention, { last: 0, daily: 7, timeZone: 'Europe/Berlin' });
  assert.deepEqual(job.formerNames, ['a']);
  await refused(['job', 'add', 'a', '--all'], /what job "b" was called/);
  const text = await good(programs, ['job', 'show', 'b']);
  assert.match(text, /Left out +name like win\*: tested elsewhere/);
  assert.match(text, /Keeps +the newest of 7 days/);
  assert.match(text, /Coming +2030-03-01 /);
  await good(programs, ['job', 'pause', 'b']);
  assert.match(await good(programs, ['job', 'list']), /b +paused +never +every VM/);
  assert.match(await good(programs, ['job', 'resume', 'b']), /runs by its schedule again/);
  const edited = await programs.json<JobView>([
    'job',
    'edit',
    'b',
    '--no-schedule',
    '--no-exclude',
    '--vm',
    'demo-app',
  ]);
  assert.equal(edited.job.schedule, undefined);
  assert.deepEqual(edited.job.selection.exclude, []);
  assert.equal(edited.job.selection.include[0]?.by, 'vm');
  await good(programs, ['job', 'remove', 'b']);
  assert.deepEqual(await programs.json<JobView[]>(['job', 'list']), []);
  const policy = ['--keep-daily', '2', '--schedule', '0 22 * * *', '--time-zone', 'UTC'];
  const simulated = await good(programs, ['retention', 'simulate', ...policy, '--days', '30']);
  assert.match(simulated, /In 30 days: 30 runs, at most \d+ restore points at a time/);
  await refused(['retention', 'simulate'], /Say what to keep/);
  await refused(
    ['retention', 'simulate', '--keep-last', '1', '--schedule', '* * * * *'],
    /comes more than 10000 times/,
  );
});
