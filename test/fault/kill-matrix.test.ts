import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { RestorePoint } from '#core/restore-point.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { recover } from '#engine/recover.ts';
import { verifyRestorePoint } from '#engine/verify-restore-point.ts';
import { openEngineBench } from '#test/support/engine-bench.ts';
import { labOnly, type LabOnly } from '#test/support/lab-ground.ts';

import { runEngine, type ChildEnd } from './die.ts';
import type { ChildOrder } from './engine-child.ts';
import { killCases, momentOf, type KillCase } from './kill-cases.ts';
import { runEngineUntil } from './vim-moment.ts';

/** Most of the time goes by with waiting for processes and vim tasks. */
const concurrency = 3;

/** Runs the work until the case's death, and makes of vSphere what the case says. */
async function killed(
  ground: LabOnly,
  { death, restart }: KillCase,
  work: ChildOrder['work'],
): Promise<ChildEnd> {
  const { lab, site } = ground;
  const end =
    typeof death.at === 'object' && 'doing' in death.at
      ? await runEngineUntil({ site, work, death: { victim: 'nobody' } }, lab, death.at)
      : await runEngine({ site, work, death: death as ChildOrder['death'] });
  if (restart === 'vCenter down first') await recoverWithoutVcenter(ground);
  if (restart === 'disks and snapshot removed by hand') {
    await lab.detachAll();
    const { vms } = await lab.state();
    for (const { name, snapshots } of vms)
      for (const { moref } of snapshots) await lab.removeSnapshot({ vm: name, moref });
  }
  return end;
}

/** One pass that can undo nothing: everything stays in the journal, with the reason. */
async function recoverWithoutVcenter({ lab, site }: LabOnly): Promise<void> {
  await lab.addFaults([{ on: '*', times: 100_000, action: { kind: 'http-503' } }]);
  {
    await using bench = await openEngineBench(site);
    const { signal } = new AbortController();
    const { sources } = bench;
    const { open } = await recover(bench.context, { sources, runningTaskIds: new Set(), signal });
    assert.ok(open.length > 0);
    const kept = await bench.context.journal.open();
    const reasons = new Map(open.map(({ entryId, reason }) => [entryId, reason]));
    assert.equal(kept.length, open.length);
    for (const { id, lastFailure } of kept) assert.equal(lastFailure, reasons.get(id));
  }
  await lab.clearFaults();
}

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
  return `${each.transport}: ${each.death.victim} ${momentOf(each)}, ${each.restart}`;
}

function assertEnd(end: ChildEnd, { death }: KillCase): void {
  if (death.victim === 'engine')
    return assert.deepEqual(end, { type: 'killed', signal: 'SIGKILL' });
  assert.ok(end.type === 'failed');
  assert.equal(end.error.code, 'process-died', end.error.message);
  assert.match(end.error.message, /SIGKILL/);
}

suite('killed during a backup', { concurrency }, () => {
  for (const each of casesOf('backup'))
    test(nameOf(each), async () => {
      const { transport, leaves } = each;
      await using ground = await labOnly({ vddk: transport === 'hotadd-vddk' });
      const end = await killed(ground, each, { kind: 'backup', transports: [transport] });
      assertEnd(end, each);
      const { length } = await recovered(ground);
      if (leaves === 'nothing') assert.equal(length, 0);
      else if (leaves === 'restore-point') assert.equal(length, 1);
      else assert.ok(leaves === 'nothing-or-restore-point' && length <= 1);
    });
});

suite('killed during a restore', { concurrency }, () => {
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
      await using ground = await labOnly({ vddk: each.transport === 'hotadd-vddk' });
      const restorePointId = await withRestorePoint(ground);
      const { transport } = each;
      const work = { kind: 'restore', restorePointId, target: newVm, transports: [transport] };
      const end = await killed(ground, each, work as ChildOrder['work']);
      assertEnd(end, each);
      assert.equal((await recovered(ground)).length, 1);
      const { vms } = await ground.lab.state();
      assert.equal(
        vms.find(({ name }) => name === 'copy'),
        undefined,
      );
    });

  for (const each of casesOf('restore in place').filter(({ leaves }) => leaves !== 'marked-vm'))
    test(`in place, ${nameOf(each)}: the VM runs again as it was`, async () => {
      assert.equal(each.leaves, 'vm-as-before');
      await using ground = await labOnly({ vddk: false });
      const restorePointId = await withRestorePoint(ground);
      const target = { kind: 'in-place', powerOff: true } as const;
      const { transport } = each;
      const work = { kind: 'restore', restorePointId, target, transports: [transport] } as const;
      assertEnd(await killed(ground, each, work), each);
      assert.equal((await recovered(ground)).length, 1);
      await using after = await ground.open();
      const vm = await after.vm('demo-app');
      assert.equal(vm.power, 'poweredOn');
      assert.equal(vm.extraConfig['coldframe.unfinished-restore'], undefined);
      await after.assertRestored('demo-app', (await after.captures())[0]!);
    });

  for (const each of casesOf('restore in place').filter(({ leaves }) => leaves === 'marked-vm'))
    test(`in place, ${nameOf(each)}: the VM does not look healthy until it was restored again`, async () => {
      await using ground = await labOnly({ vddk: false });
      const restorePointId = await withRestorePoint(ground);
      const work = {
        kind: 'restore',
        restorePointId,
        target: { kind: 'in-place', powerOff: true },
        transports: [each.transport],
      } as const;
      const end = await killed(ground, each, work);
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
