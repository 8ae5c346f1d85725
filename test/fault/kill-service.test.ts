import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { HealthReport, RunList } from '#core/api.ts';
import { leftovers, openBench, type Bench } from '#test/integration/service/bench.ts';
import type { FaultRule } from '#test/lab/server/faults.ts';

/** The real program with its own start-up: what the kill matrix tries with the engine alone. */
async function ready(): Promise<Bench> {
  const bench = await openBench();
  const { programs, addEndpoint, repositoryRoot } = bench;
  for (const words of [addEndpoint, ['repository', 'add', 'main', repositoryRoot]]) {
    const { code, err } = await programs.cli(words);
    assert.equal(code, 0, err);
  }
  return bench;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** SIGKILL while vSphere is at that call's vim task, start again, and wait for recover's pass. */
async function killAt(bench: Bench, rule: Omit<FaultRule, 'action'>): Promise<HealthReport> {
  const { lab, programs, service } = bench;
  await lab.addFaults([{ ...rule, action: { kind: 'task-slow', ms: 1500 } }]);
  const started = await programs.cli(['backup', 'run', 'demo-app', '--detach']);
  assert.equal(started.code, 0, started.err);
  await until(async () => (await lab.unusedFaults()).length === 0);
  await service.end('SIGKILL');
  await programs.startService();
  const health = async (): Promise<HealthReport> =>
    JSON.parse((await programs.cli(['service', 'status', '--json'])).out) as HealthReport;
  await until(async () => (await health()).openJournalEntries === 0);
  return health();
}

suite('the service is killed and started again', { concurrency: 3 }, () => {
  const moments: readonly (readonly [string, Omit<FaultRule, 'action'>])[] = [
    ['the snapshot is being taken', { on: 'CreateSnapshot_Task' }],
    ['disks are being attached', { on: 'ReconfigVM_Task', object: 'coldframe' }],
    ['the snapshot is being removed', { on: 'RemoveSnapshot_Task' }],
  ];
  for (const [moment, rule] of moments)
    test(`while ${moment}: nothing is left, and the next backup is good`, async () => {
      await using bench = await ready();
      const { lab, programs } = bench;
      const { status } = await killAt(bench, rule);
      assert.equal(status, 'ok');
      assert.deepEqual(await leftovers(lab), []);
      const runs = await programs.json<RunList['runs']>(['run', 'list']);
      assert.deepEqual(
        runs.map(({ state }) => state),
        ['interrupted'],
      );
      const again = await programs.cli(['backup', 'run', 'demo-app']);
      assert.equal(again.code, 0, again.err);
      assert.deepEqual(await leftovers(lab), []);
    });
});
