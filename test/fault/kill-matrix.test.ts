import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { JournalKind, JournalState } from '#core/journal.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { verifyRestorePoint } from '#engine/verify-restore-point.ts';
import { openEngineBench } from '#test/support/engine-bench.ts';
import { labOnly, type LabOnly } from '#test/support/lab-ground.ts';

import { runEngine } from './die.ts';
import type { ChildOrder, Death } from './engine-child.ts';

type Transport = ChildOrder['work']['transports'][number];

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

const steps: Readonly<Record<Transport, readonly (readonly [JournalKind, JournalState])[]>> = {
  'hotadd-own': [
    ['snapshot', 'intended'],
    ['snapshot', 'done'],
    ['attach', 'intended'],
    ['attach', 'done'],
    ['partial-archive', 'intended'],
    ['partial-archive', 'done'],
    ['attach', 'undone'],
    ['partial-archive', 'undone'],
    ['snapshot', 'undone'],
  ],
  'hotadd-vddk': [
    ['vddk-access', 'intended'],
    ['vddk-access', 'done'],
    ['vddk-access', 'undone'],
    ['partial-archive', 'done'],
  ],
};

suite('the service is killed during a backup', () => {
  for (const [transport, moments] of Object.entries(steps) as [
    Transport,
    (typeof steps)[Transport],
  ][])
    for (const [kind, state] of moments)
      test(`${transport}: right after ${kind} was ${state}`, async () => {
        await using ground = await labOnly({ vddk: transport === 'hotadd-vddk' });
        const end = await runEngine({
          site: ground.site,
          work: { kind: 'backup', transports: [transport] },
          death: { victim: 'engine', at: { kind, state } },
        });
        assert.deepEqual(end, { type: 'killed', signal: 'SIGKILL' });
        const listed = await recovered(ground);
        // The mover commits before its journal entry is done; from there on nothing is lost.
        const committed =
          (kind === 'partial-archive' && state !== 'intended') || state === 'undone';
        assert.equal(listed.length, committed ? 1 : 0);
      });
});

const deaths: readonly (readonly [string, Death])[] = [
  ['service', { victim: 'engine', at: 'copying' }],
  ['mover', { victim: 'mover', at: 'copying' }],
  ['disk worker', { victim: 'worker', at: 'copying' }],
];

for (const transport of ['hotadd-own', 'hotadd-vddk'] as const)
  suite(`killed while bytes move, ${transport}`, () => {
    for (const [name, death] of deaths)
      test(name, async () => {
        await using ground = await labOnly({ vddk: transport === 'hotadd-vddk' });
        const end = await runEngine({
          site: ground.site,
          work: { kind: 'backup', transports: [transport] },
          death,
        });
        if (death.victim === 'engine') assert.equal(end.type, 'killed');
        else {
          assert.ok(end.type === 'failed');
          assert.equal(end.error.code, 'process-died');
          assert.match(end.error.message, /SIGKILL/);
        }
        const listed = await recovered(ground);
        // An orphaned mover may be past its last byte and commit before it ends itself: what
        // is listed then is whole, which `recovered` has verified.
        if (death.victim !== 'engine') assert.deepEqual(listed, []);
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
  const moments: readonly Death[] = [
    { victim: 'engine', at: { kind: 'created-vm', state: 'intended' } },
    { victim: 'engine', at: { kind: 'created-vm', state: 'done' } },
    { victim: 'engine', at: { kind: 'attach', state: 'done' } },
    { victim: 'engine', at: 'copying' },
    { victim: 'mover', at: 'copying' },
    { victim: 'worker', at: 'copying' },
  ];
  for (const death of moments)
    test(`to a new VM: ${JSON.stringify(death)}`, async () => {
      await using ground = await labOnly({ vddk: false });
      const restorePointId = await withRestorePoint(ground);
      const end = await runEngine({
        site: ground.site,
        work: { kind: 'restore', restorePointId, target: newVm, transports: ['hotadd-own'] },
        death,
      });
      assert.equal(end.type, death.victim === 'engine' ? 'killed' : 'failed');
      assert.equal((await recovered(ground)).length, 1);
      const { vms } = await ground.lab.state();
      assert.equal(
        vms.find(({ name }) => name === 'copy'),
        undefined,
      );
    });

  test('in place: the VM does not look healthy until it was restored again', async () => {
    await using ground = await labOnly({ vddk: false });
    const restorePointId = await withRestorePoint(ground);
    const work = {
      kind: 'restore',
      restorePointId,
      target: { kind: 'in-place', powerOff: true },
      transports: ['hotadd-own'],
    } as const;
    const end = await runEngine({
      site: ground.site,
      work,
      death: { victim: 'engine', at: 'copying' },
    });
    assert.equal(end.type, 'killed');
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
