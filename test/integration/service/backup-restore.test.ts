import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { RunView } from '#core/api.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { RestorePlan } from '#engine/requests.ts';
import type { Lab } from '#test/lab/lab.ts';

import { leftovers, openBench, type Bench } from './bench.ts';
import { openPrograms, type Programs } from './programs.ts';

const vddkDir = fileURLToPath(new URL('../../../native/build/Release/lab', import.meta.url));

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Digests of a VM's running disks, by key. */
async function disksOf(lab: Lab, name: string, folder: string): Promise<Map<number, string>> {
  const vm = (await lab.state()).vms.find((each) => each.name === name);
  assert.ok(vm !== undefined, `the lab has no VM ${name}`);
  const digests = new Map<number, string>();
  for (const { key } of vm.disks) {
    const to = join(folder, `${name}-${key}.raw`);
    await lab.copyDisk({ vm: name, key, to });
    digests.set(key, await digestOf(to));
  }
  return digests;
}

/** What each disk held at the newest snapshot that the lab captured. */
async function capturedDisks(lab: Lab): Promise<Map<number, string>> {
  const folders = (await readdir(lab.captureDir)).toSorted(
    (a, b) => Number(a.replaceAll(/\D/g, '')) - Number(b.replaceAll(/\D/g, '')),
  );
  const folder = join(lab.captureDir, folders.at(-1)!);
  const digests = new Map<number, string>();
  for (const file of await readdir(folder))
    digests.set(Number.parseInt(file, 10), await digestOf(join(folder, file)));
  return digests;
}

async function openReady(): Promise<Bench> {
  const bench = await openBench();
  await bench.lab.setCapture({ on: true });
  for (const words of [bench.addEndpoint, ['repository', 'add', 'main', bench.repositoryRoot]]) {
    const { code, err } = await bench.programs.cli(words);
    assert.equal(code, 0, err);
  }
  return bench;
}

it('backs up, restores and extracts the same bytes from the command line', async () => {
  await using bench = await openReady();
  const { lab, programs, repositoryRoot } = bench;
  const { folder } = programs;
  await lab.startGuestWriter({ vm: 'demo-app', bytesPerSecond: 4 * 1024 * 1024, seed: 3 });

  const full = await programs.json<RunView>(['backup', 'run', 'demo-app']);
  assert.equal(full.run.state, 'succeeded');
  const installed = await programs.json<{ installed: boolean }>(['vddk', 'install', vddkDir]);
  assert.equal(installed.installed, true);
  const incremental = await programs.json<RunView>(['backup', 'run', 'demo-app']);
  await lab.stopGuestWriter({ vm: 'demo-app' });
  const expected = await capturedDisks(lab);
  assert.equal(expected.size, 2);
  assert.equal(incremental.tasks[0]?.result?.['kind'], 'incremental');

  const points = await programs.json<RestorePoint[]>(['restore-point', 'list']);
  assert.deepEqual(
    points.map(({ header }) => header.kind),
    ['incremental', 'full'],
  );
  const newest = points[0]!.header.id;
  const shown = await programs.cli(['restore-point', 'show', newest]);
  assert.match(shown.out, new RegExp(`incremental on ${points[1]!.header.id}`));

  const verified = await programs.json<RunView>(['verify', newest]);
  assert.equal(verified.run.state, 'succeeded');

  const dryRun = ['restore', newest, '--new-name', 'copy', '--dry-run'];
  const plan = await programs.json<RestorePlan>(dryRun);
  assert.equal(plan.chain.length, 2);
  assert.equal(plan.vmMoref, undefined);
  assert.ok((await lab.state()).vms.every(({ name }) => name !== 'copy'));

  const restored = await programs.cli(['restore', newest, '--new-name', 'copy']);
  assert.equal(restored.code, 0, restored.err);
  assert.deepEqual(await disksOf(lab, 'copy', folder), expected);

  const running = await programs.cli(['restore', newest, '--in-place', '--yes']);
  assert.equal(running.code, 1);
  assert.match(running.err, /it is running/);
  assert.notDeepEqual(await disksOf(lab, 'demo-app', folder), expected);
  const inPlace = await programs.cli(['restore', newest, '--in-place', '--power-off', '--yes']);
  assert.equal(inPlace.code, 0, inPlace.err);
  assert.deepEqual(await disksOf(lab, 'demo-app', folder), expected);

  const archives = points.map(({ path }) => join(repositoryRoot, path));
  const into = join(folder, 'out');
  const extract = ['tool', 'extract', ...archives, '--into', into];
  const extracted = await programs.json<{ path: string }[]>(extract);
  const digests = await Promise.all(extracted.map(({ path }) => digestOf(path)));
  assert.deepEqual(new Set(digests), new Set(expected.values()));
  const checked = await programs.cli(['tool', 'verify', ...archives]);
  assert.equal(checked.code, 0, checked.err + checked.out);
  const alone = await programs.cli(['tool', 'extract', archives[0]!, '--into', `${into}2`]);
  assert.equal(alone.code, 8);
  assert.match(alone.err, /Add its archive/);

  assert.deepEqual(await leftovers(lab), []);
  assert.deepEqual((await programs.json<{ open: unknown[] }>(['journal'])).open, []);
});

it('finds everything again from the archives when the catalog is lost', async () => {
  await using bench = await openReady();
  const { programs, repositoryRoot, addEndpoint, lab } = bench;
  await programs.json<RunView>(['backup', 'run', 'demo-app']);
  const before = await programs.json<RestorePoint[]>(['restore-point', 'list']);
  const expected = await capturedDisks(lab);

  await using other = await openOther(bench);
  const added = await other.cli(['repository', 'add', 'found', repositoryRoot]);
  assert.equal(added.code, 0, added.err);
  assert.match(added.out, /1 restore point in it: 1 new/);
  assert.deepEqual(await other.json<RestorePoint[]>(['restore-point', 'list']), before);
  const nowhere = await other.cli(['restore', before[0]!.header.id, '--new-name', 'copy']);
  assert.equal(nowhere.code, 4);
  assert.match(nowhere.err, /--endpoint/);
  assert.equal((await other.cli(addEndpoint)).code, 0);
  const restored = await other.cli(['restore', before[0]!.header.id, '--new-name', 'copy']);
  assert.equal(restored.code, 0, restored.err);
  assert.deepEqual(await disksOf(lab, 'copy', other.folder), expected);
});

/** Another service, with a data folder of its own. */
async function openOther({ lab }: Bench): Promise<Programs> {
  const programs = await openPrograms({ sysfsRoot: lab.applianceRoot });
  await programs.startService();
  return programs;
}

it('undoes what a killed service left behind, and says what became of the run', async () => {
  await using bench = await openReady();
  const { lab, programs } = bench;
  // The service dies with the snapshot made and the disks asked for.
  await lab.addFaults([{ on: 'ReconfigVM_Task', object: 'coldframe', action: { kind: 'hang' } }]);
  const started = await programs.json<{ id: string }>(['backup', 'run', 'demo-app', '--detach']);
  await until(async () => (await lab.unusedFaults()).length === 0);
  await bench.service.end('SIGKILL');
  assert.match((await leftovers(lab)).join(), /snapshot coldframe/);

  await programs.startService();
  await until(async () => (await leftovers(lab)).length === 0);
  const shown = await programs.cli(['run', 'show', started.id]);
  assert.equal(shown.code, 1);
  assert.match(shown.out, /interrupted/);
  assert.match(shown.out, /The service ended before this task did/);
  assert.deepEqual(await programs.json<RestorePoint[]>(['restore-point', 'list']), []);
  await until(
    async () => (await programs.json<{ open: unknown[] }>(['journal'])).open.length === 0,
  );
  const again = await programs.cli(['backup', 'run', 'demo-app']);
  assert.equal(again.code, 0, again.err);
});

it('cancels a run, cleans up and says so', async () => {
  await using bench = await openReady();
  const { lab, programs } = bench;
  await lab.addFaults([
    { on: 'ReconfigVM_Task', object: 'coldframe', action: { kind: 'delay', ms: 3000 } },
  ]);
  const started = await programs.json<{ id: string }>(['backup', 'run', 'demo-app', '--detach']);
  await until(async () => (await lab.unusedFaults()).length === 0);
  const asked = await programs.cli(['run', 'cancel', started.id]);
  assert.equal(asked.code, 0, asked.err);
  const followed = await programs.cli(['run', 'show', started.id, '--follow']);
  assert.equal(followed.code, 130);
  assert.match(followed.out, /cancelled/);
  assert.deepEqual(await leftovers(lab), []);
});

it('ends a run and cleans up when the service is told to stop', async () => {
  await using bench = await openReady();
  const { lab, programs } = bench;
  await lab.addFaults([
    { on: 'ReconfigVM_Task', object: 'coldframe', action: { kind: 'delay', ms: 3000 } },
  ]);
  const started = await programs.json<{ id: string }>(['backup', 'run', 'demo-app', '--detach']);
  await until(async () => (await lab.unusedFaults()).length === 0);
  assert.equal(await bench.service.end('SIGTERM'), 0);
  assert.deepEqual(await leftovers(lab), []);
  await programs.startService();
  const shown = await programs.cli(['run', 'show', started.id]);
  assert.match(shown.out, /interrupted/);
  assert.deepEqual((await programs.json<{ open: unknown[] }>(['journal'])).open, []);
});

/** Waits for something that must happen soon; the deadline is for a test that would hang. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `never happened: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
