import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { RestorePoint } from '#core/restore-point.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { verifyRestorePoint } from '#engine/verify-restore-point.ts';
import { openEngineBench } from '#test/support/engine-bench.ts';
import { labOnly, type LabOnly } from '#test/support/lab-ground.ts';

import { runEngine, type ChildEnd } from './die.ts';
import { killCases, momentOf, type KillCase } from './kill-cases.ts';

/** After a death: what recover found, what is listed then, and whether it is all sound. */
async function recovered(ground: LabOnly): Promise<readonly RestorePoint[]> {
  await using after = await ground.open();
  const outcome = await after.recover();
  assert.deepEqual(outcome.open, []);
  await after.assertTidy();
  const { bench, signal } = after;
  const scan = await bench.context.repositories.list(bench.repository, signal);
  const listed: RestorePoint[] = [];
  for (const point of scan) {
    const known = await bench.catalog.getRestorePoint(point.header.id);
    assert.ok(known !== undefined, `${point.path} is complete and not listed`);
    listed.push(known);
    const { damage } = await verifyRestorePoint(
      bench.context,
      { repository: bench.repository, restorePointId: point.header.id },
      { signal },
    );
    assert.deepEqual(damage, []);
  }
  return listed;
}

function casesOf(work: KillCase['work']): readonly KillCase[] {
  return killCases.filter((each) => each.work === work);
}

function nameOf(each: KillCase): string {
  return `${each.transport}: ${each.death.victim} ${momentOf(each)}`;
}

function assertEnd(end: ChildEnd, { death }: KillCase): void {
  if (death.victim === 'engine')
    return assert.deepEqual(end, { type: 'killed', signal: 'SIGKILL' });
  assert.ok(end.type === 'failed');
  assert.equal(end.error.code, 'process-died', end.error.message);
  assert.match(end.error.message, /SIGKILL/);
}

suite('killed during a backup', () => {
  for (const each of casesOf('backup'))
    test(nameOf(each), async () => {
      const { transport, death, leaves } = each;
      await using ground = await labOnly({ vddk: transport === 'hotadd-vddk' });
      const end = await runEngine({
        site: ground.site,
        work: { kind: 'backup', transports: [transport] },
        death,
      });
      assertEnd(end, each);
      const { length } = await recovered(ground);
      if (leaves === 'nothing') assert.equal(length, 0);
      else if (leaves === 'restore-point') assert.equal(length, 1);
      else assert.ok(leaves === 'nothing-or-restore-point' && length <= 1);
    });
});

suite('killed during a restore', () => {
  async function withRestorePoint(ground: LabOnly): Promise<string> {
    await using bench = await openEngineBench(ground.site);
    const { signal } = new AbortController();
    const { restorePoint } = await backUpVm(bench.context, bench.backup(), { signal });
    return restorePoint.header.id;
  }

  const newVm = {
    kind: 'new-vm',
    name: 'copy',
    keepIdentity: false,
    onFailure: 'destroy',
  } as const;
  for (const each of casesOf('restore to a new VM'))
    test(`to a new VM, ${nameOf(each)}`, async () => {
      assert.equal(each.leaves, 'no-vm');
      await using ground = await labOnly({ vddk: false });
      const restorePointId = await withRestorePoint(ground);
      const end = await runEngine({
        site: ground.site,
        work: { kind: 'restore', restorePointId, target: newVm, transports: [each.transport] },
        death: each.death,
      });
      assertEnd(end, each);
      assert.equal((await recovered(ground)).length, 1);
      const { vms } = await ground.lab.state();
      assert.equal(
        vms.find(({ name }) => name === 'copy'),
        undefined,
      );
    });

  for (const each of casesOf('restore in place'))
    test(`in place, ${nameOf(each)}: the VM does not look healthy until it was restored again`, async () => {
      assert.equal(each.leaves, 'marked-vm');
      await using ground = await labOnly({ vddk: false });
      const restorePointId = await withRestorePoint(ground);
      const work = {
        kind: 'restore',
        restorePointId,
        target: { kind: 'in-place', powerOff: true },
        transports: [each.transport],
      } as const;
      const end = await runEngine({ site: ground.site, work, death: each.death });
      assertEnd(end, each);
      {
        await using after = await ground.open();
        const outcome = await after.recover();
        assert.match(outcome.open[0]!.reason, /mix of old and restored data/);
        const vm = await after.vm('demo-app');
        assert.equal(vm.extraConfig['coldframe.unfinished-restore'], restorePointId);
        assert.deepEqual((await ground.lab.state()).attachments, []);
      }
      const again = await runEngine({ site: ground.site, work, death: { victim: 'nobody' } });
      assert.equal(again.type, 'done');
      await using after = await ground.open();
      await after.assertTidy();
      assert.equal(
        (await after.vm('demo-app')).extraConfig['coldframe.unfinished-restore'],
        undefined,
      );
      await after.assertRestored('demo-app', (await after.captures())[0]!);
    });
});
