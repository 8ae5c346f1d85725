import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';

import type { RunRecord, TaskRecord } from '#core/run.ts';
import { collectMetrics } from '#service/metrics/collect.ts';
import { exposition, type Family } from '#service/metrics/exposition.ts';
import { RunCounters } from '#service/metrics/run-counters.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { openTemporary } from '#test/unit/catalog/open-temporary.ts';

const folder = join(import.meta.dirname, '../../../../appliance/monitoring');
const signal = new AbortController().signal;
const hostile = 'a"} 1\nforged{x="\\';

async function openBench() {
  const made = await openTemporary();
  const { catalog, clock } = made;
  const nowMs = clock.now();
  const counters = new RunCounters(catalog, nowMs);
  await catalog.addRestorePoint(
    sampleRestorePoint({ id: 'p1', createdAtMs: nowMs, vmName: hostile }),
  );
  await catalog.addRestorePoint(
    sampleRestorePoint({ id: 'p2', createdAtMs: nowMs + 5000, vmName: hostile, parentId: 'p1' }),
  );
  const options = {
    clock,
    applianceId: catalog.applianceId,
    points: catalog,
    jobs: catalog,
    runs: catalog,
    journal: catalog.journal,
    notices: catalog,
    load: () => ({ running: 1, queued: 2 }),
    listRepositories: async () => [
      { id: 'r', name: 'main', root: '/x', addedAtMs: 0, freeBytes: 10, totalBytes: 100 },
      {
        id: 's',
        name: 'gone',
        root: '/y',
        addedAtMs: 0,
        error: { code: 'repository', message: 'x' } as const,
      },
    ],
    counters,
  };
  const families = () => collectMetrics(options, signal);
  return {
    made,
    catalog,
    nowMs,
    families,
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

function samplesOf(families: readonly Family[], name: string): Family['samples'] {
  return families.find((family) => family.name === name)?.samples ?? [];
}

function ended(id: string, endedAtMs: number): [RunRecord, TaskRecord[]] {
  const times = { createdAtMs: endedAtMs - 3000, startedAtMs: endedAtMs - 2000, endedAtMs };
  const disk = { label: 'd', phase: 'done', doneBytes: 100, totalBytes: 100, storedBytes: 40 };
  const common = { kind: 'backup' as const, state: 'warned' as const, ...times };
  const task = {
    ...common,
    id: `${id}t`,
    runId: id,
    subject: 'x',
    request: {},
    disks: [disk, disk],
  };
  return [
    { ...common, id, title: id, jobName: null, taskIds: [`${id}t`] },
    [{ ...task, warnings: ['w'] }],
  ];
}

it('shows figures that promtool reads, whatever a VM is called', async () => {
  await using bench = await openBench();
  const text = exposition(await bench.families());
  execFileSync('promtool', ['check', 'metrics'], { input: text });
  assert.doesNotMatch(text, /^forged/m);
  assert.match(text, /^coldframe_tasks_queued 2$/m);
  assert.match(text, /^coldframe_repository_usable\{repository="gone"\} 0$/m);
});

it('takes the newest restore point without damage, and none is as old as time', async () => {
  await using bench = await openBench();
  const name = 'coldframe_vm_newest_good_restore_point_timestamp_seconds';
  const value = async () => samplesOf(await bench.families(), name).map((sample) => sample.value);
  assert.deepEqual(await value(), [(bench.nowMs + 5000) / 1000]);
  const damage = { atMs: 1, path: 'x', message: 'x' };
  await bench.catalog.setDamage(new Map([['p2', damage]]));
  assert.deepEqual(await value(), [bench.nowMs / 1000]);
  await bench.catalog.setDamage(new Map([['p1', damage]]));
  assert.deepEqual(await value(), [0]);
});

it('counts what has ended since the start, once, however often it is asked', async () => {
  await using bench = await openBench();
  const { catalog, nowMs } = bench;
  await catalog.saveRun(...ended('before', nowMs - 1));
  await catalog.saveRun(...ended('a', nowMs + 1));
  await bench.families();
  await catalog.saveRun(...ended('b', nowMs + 1));
  const families = await bench.families();
  const of = (name: string) => samplesOf(families, name).map(({ value }) => value);
  assert.deepEqual(samplesOf(families, 'coldframe_tasks_total'), [
    { labels: { kind: 'backup', state: 'warned' }, value: 2 },
  ]);
  assert.deepEqual(of('coldframe_task_seconds_total'), [4]);
  assert.deepEqual(of('coldframe_read_bytes_total'), [400]);
  assert.deepEqual(of('coldframe_stored_bytes_total'), [160]);
  assert.deepEqual(of('coldframe_task_warnings_total'), [2]);
});

it('has alert rules that promtool understands and that speak when they should', () => {
  execFileSync('promtool', ['check', 'rules', 'alerts.yaml'], { cwd: folder });
  execFileSync('promtool', ['test', 'rules', 'alerts.test.yaml'], { cwd: folder });
});

it('names in rules and dashboard only figures that there are', async () => {
  await using bench = await openBench();
  const there = new Set((await bench.families()).map(({ name }) => name));
  const rules = readFileSync(join(folder, 'alerts.yaml'), 'utf8');
  const dashboard = readFileSync(join(folder, 'grafana-dashboard.json'), 'utf8');
  const panels = (JSON.parse(dashboard) as { panels: { targets: { expr: string }[] }[] }).panels;
  assert.ok(panels.length > 10);
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n');
  for (const text of [rules, expressions])
    for (const [name] of text.matchAll(/\b(coldframe|process)_[a-z_]+/g))
      assert.ok(there.has(name), name);
  // A query that cannot be read fails here; JSON is YAML.
  const rulesOfPanels = panels.flatMap(({ targets }, i) =>
    targets.map(({ expr }) => ({ record: `panel:${i}`, expr })),
  );
  await using made = await temporaryFolder();
  const file = join(made.path, 'panels.yaml');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'x', rules: rulesOfPanels }] }));
  execFileSync('promtool', ['check', 'rules', file]);
});
