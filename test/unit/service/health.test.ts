import assert from 'node:assert/strict';
import { it } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import type { Stray, StrayView } from '#core/strays.ts';
import { createHealth } from '#service/health.ts';
import { openTemporary } from '#test/unit/catalog/open-temporary.ts';

async function openBench(
  checkRepository: () => Promise<void>,
  strays: () => StrayView | undefined = () => undefined,
) {
  const made = await openTemporary();
  const load = () => ({ running: 1, queued: 2 });
  const { catalog } = made;
  return Object.assign(made, {
    health: createHealth({ catalog, startedAtMs: 5, load, strays, checkRepository }),
  });
}

it('is ok when nothing is wrong', async () => {
  await using bench = await openBench(async () => {});
  const report = await bench.health.report();
  assert.equal(report.status, 'ok');
  assert.deepEqual([report.running, report.queued, report.openJournalEntries], [1, 2, 0]);
  assert.equal(report.applianceId, bench.applianceId);
  assert.equal(await bench.health.alive(), true);
});

it('is degraded by a repository that cannot be used, and says which and why', async () => {
  await using bench = await openBench(async () => {
    throw new ColdframeError('repository', 'The marker is missing.');
  });
  await bench.catalog.saveRepository({ id: 'r', name: 'main', root: '/x', addedAtMs: 1 });
  const report = await bench.health.report();
  assert.equal(report.status, 'degraded');
  assert.deepEqual(report.checks[1], {
    name: 'repository main',
    ok: false,
    message: 'The marker is missing.',
  });
});

it('answers although a repository does not', async () => {
  await using bench = await openBench(() => new Promise(() => {}));
  await bench.catalog.saveRepository({ id: 'r', name: 'dead', root: '/x', addedAtMs: 1 });
  const report = await bench.health.report();
  assert.equal(report.status, 'degraded');
  assert.match(report.checks[1]!.message, /No answer within/);
});

it('is degraded by what cannot be undone, not by what is merely open', async () => {
  await using bench = await openBench(async () => {});
  const { id } = await bench.journal.intend({
    taskId: 't',
    kind: 'snapshot',
    endpointId: 'e',
    detail: { vmMoref: 'vm-1', snapshotName: 's' },
  });
  assert.equal((await bench.health.report()).status, 'ok');
  await bench.journal.mark(id, 'done', 'The host does not answer.');
  const report = await bench.health.report();
  assert.equal(report.status, 'degraded');
  assert.equal(report.openJournalEntries, 1);
});

it('is degraded by what is ours and left behind, not by what is others’', async () => {
  const stray = (release: Stray['release']): Stray => ({
    id: 'snapshot/s',
    kind: 'snapshot',
    endpointId: 'e',
    vm: { endpointUuid: '', instanceUuid: '', biosUuid: '', moref: 'vm-1', name: 'a' },
    text: 'there',
    release,
  });
  let strays = [stray('never'), stray('named')];
  await using bench = await openBench(
    async () => {},
    () => ({ lookedAtMs: 0, strays, unreachable: [] }),
  );
  assert.equal((await bench.health.report()).status, 'ok');
  strays = [stray('ours')];
  assert.match((await bench.health.report()).checks.at(-1)!.message, /1 things? of ours/);
});

it('is not alive without its catalog', async () => {
  const bench = await openBench(async () => {});
  await bench[Symbol.asyncDispose]();
  assert.equal(await bench.health.alive(), false);
});

it('is degraded while an alarm stands, and names the first of them', async () => {
  await using bench = await openBench(async () => {});
  const standing = ['a', 'b', 'c', 'd'].map((name) => ({
    key: `vm/${name}`,
    kind: 'vm' as const,
    severity: 'failure' as const,
    title: `${name} is late`,
    text: 'x',
    sinceMs: 1,
    toldMs: 1,
  }));
  await bench.catalog.note({ alarms: { standing, over: [] } });
  const { status, checks } = await bench.health.report();
  assert.equal(status, 'degraded');
  assert.equal(
    checks.find(({ name }) => name === 'alarms')?.message,
    'a is late. b is late. c is late. And 1 more. See: coldframe alarm list',
  );
});
