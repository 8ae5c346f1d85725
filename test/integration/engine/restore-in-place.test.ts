import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { planRestore } from '#engine/plan-restore.ts';
import type { RestoreRequest } from '#engine/requests.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';
import { restoreRequest } from '#test/support/restore-request.ts';

const key = 'coldframe.unfinished-restore';

async function backedUp(ground: LabGround): Promise<RestorePoint> {
  const { bench, signal } = ground;
  const { restorePoint } = await backUpVm(bench.context, bench.backup(), { signal });
  for (const disk of (await ground.vm('demo-app')).disks)
    await ground.lab.writeGuest({
      vm: 'demo-app',
      key: disk.key,
      offset: 0,
      length: 8 << 20,
      seed: disk.key,
    });
  return restorePoint;
}

function restoring(
  ground: LabGround,
  point: RestorePoint,
  change: Partial<RestoreRequest> & { readonly until?: AbortController } = {},
) {
  const { until, ...rest } = change;
  return restoreVm(ground.bench.context, restoreRequest(ground, point, rest), {
    signal: until?.signal ?? ground.signal,
    onProgress: ({ phase }) => {
      if (phase === 'reading-back') until?.abort(new ColdframeError('cancelled', 'enough'));
    },
  });
}

/** A restore that is stopped when some bytes have been written. */
async function makeMix(ground: LabGround, point: RestorePoint): Promise<void> {
  const until = new AbortController();
  await assert.rejects(restoring(ground, point, { until }), { code: 'cancelled' });
}

const openKinds = async ({ bench }: LabGround) =>
  (await bench.context.journal.open()).map(({ kind }) => kind);
const marked = async (ground: LabGround) => (await ground.vm('demo-app')).extraConfig[key] ?? '';

suite('a mix of old and restored disks', () => {
  test('stays one until every disk that it is in was restored', async () => {
    await using ground = await labGround({ vddk: false });
    const point = await backedUp(ground);
    const [capture] = await ground.captures();
    await makeMix(ground, point);
    assert.equal(await marked(ground), point.header.id);

    const half = await restoring(ground, point, {
      taskId: 'restore2',
      disks: ['scsi0-0'],
      powerOn: true,
    });
    assert.match(half.warnings.at(-1)!, /stays marked as unfinished.* left scsi1-0 half written/);
    assert.equal(await marked(ground), point.header.id);
    assert.equal((await ground.vm('demo-app')).power, 'poweredOff');
    const { open } = await ground.recover();
    assert.match(open.map(({ reason }) => reason).join(), /its disks scsi1-0 are a mix/);

    const rest = await restoring(ground, point, { taskId: 'restore3', disks: ['scsi1-0'] });
    assert.deepEqual(rest.warnings, [
      'Hard disk 1 (scsi0-0) of the VM is not restored and stays as it is.',
    ]);
    assert.equal(await marked(ground), '');
    await ground.assertRestored('demo-app', capture!);
    await ground.assertTidy();
    assert.equal((await ground.vm('demo-app')).power, 'poweredOff', 'as the last restore said');
  });

  test('is not declared whole by a second attempt that opens no disk', async () => {
    await using ground = await labGround({ vddk: false });
    const point = await backedUp(ground);
    await makeMix(ground, point);
    await ground.lab.addFaults([
      {
        on: 'ReconfigVM_Task',
        object: 'coldframe',
        action: { kind: 'soap-fault', type: 'NoPermission', data: { privilegeId: 'X' } },
      },
    ]);
    const before = await openKinds(ground);
    await assert.rejects(restoring(ground, point, { taskId: 'restore2' }), {
      code: 'no-permission',
    });
    assert.equal(await marked(ground), point.header.id);
    assert.deepEqual(await openKinds(ground), before);
    assert.ok(before.includes('in-place-restore'));
    const moref = (await ground.vm('demo-app')).moref;
    const { changeTrackingEnabled } = await ground.connection.getVm(moref, ground.signal);
    assert.equal(changeTrackingEnabled, false, 'the first attempt had switched it off already');
  });

  test('marked by another appliance, is made good by a restore of all disks only', async () => {
    await using ground = await labGround({ vddk: false });
    const { connection, signal } = ground;
    const point = await backedUp(ground);
    const { moref } = await ground.vm('demo-app');
    await connection.setExtraConfig(moref, key, 'foreign', signal);
    await restoring(ground, point, { disks: ['scsi0-0'] });
    assert.equal(await marked(ground), 'foreign');
    await restoring(ground, point, { taskId: 'restore2' });
    assert.equal(await marked(ground), '');
  });

  test('of another endpoint, or of a VM that had the moref before, is none of this VM', async () => {
    await using ground = await labGround({ vddk: false });
    const { journal } = ground.bench.context;
    const point = await backedUp(ground);
    const { moref: vmMoref } = await ground.vm('demo-app');
    const entry = { taskId: 'old', kind: 'in-place-restore' } as const;
    const detail = { vmMoref, restorePointId: 'other' };
    await journal.intend({ ...entry, endpointId: 'another', detail });
    await journal.intend({
      ...entry,
      endpointId: ground.bench.endpoint.id,
      detail: { ...detail, vmInstanceUuid: '5000ffff-0000-4000-8000-000000000001' },
    });
    await restoring(ground, point);
    assert.deepEqual(await openKinds(ground), ['in-place-restore', 'in-place-restore']);
  });
});

suite('a backup of what is not whole is refused', () => {
  const refused = (id: string) => (error: unknown) => {
    assert.ok(error instanceof ColdframeError);
    assert.equal(error.code, 'not-eligible');
    const { findings } = error.details as { findings: readonly { id: string; effect: string }[] };
    assert.ok(findings.some((finding) => finding.id === id && finding.effect === 'blocks'));
    return true;
  };

  test('a mix, by the mark on the VM and by the journal alone', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, connection, signal } = ground;
    const point = await backedUp(ground);
    await makeMix(ground, point);
    const again = () => backUpVm(bench.context, bench.backup(), { signal });
    await assert.rejects(again(), refused('unfinished-restore'));
    const { moref } = await ground.vm('demo-app');
    await connection.setExtraConfig(moref, key, '', signal);
    await assert.rejects(again(), refused('unfinished-restore'));
    await restoring(ground, point, { taskId: 'restore2' });
    await again();
  });

  test('until an administrator says that the VM is good by removing the mark', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, connection, signal } = ground;
    const point = await backedUp(ground);
    await makeMix(ground, point);
    await ground.recover();
    assert.ok((await openKinds(ground)).includes('in-place-restore'));
    const { moref } = await ground.vm('demo-app');
    await connection.setExtraConfig(moref, key, '', signal);
    assert.deepEqual((await ground.recover()).open, []);
    assert.equal((await ground.vm('demo-app')).power, 'poweredOn');
    await backUpVm(bench.context, bench.backup(), { signal });
  });

  test('a VM that a restore has not finished making', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal } = ground;
    const point = await backedUp(ground);
    const until = new AbortController();
    const target = {
      kind: 'new-vm',
      name: 'copy',
      keepIdentity: false,
      onFailure: 'keep',
    } as const;
    await assert.rejects(restoring(ground, point, { target, until }), { code: 'cancelled' });
    await assert.rejects(
      backUpVm(bench.context, bench.backup({ vm: { name: 'copy' } }), { signal }),
      refused('unfinished-vm'),
    );
  });
});

suite('when not a byte was written', () => {
  async function assertUntouched(ground: LabGround): Promise<void> {
    const { power, moref } = await ground.vm('demo-app');
    assert.equal(power, 'poweredOn');
    assert.equal(await marked(ground), '');
    const { changeTrackingEnabled } = await ground.connection.getVm(moref, ground.signal);
    assert.equal(changeTrackingEnabled, true);
    await ground.assertTidy();
  }

  test('a transport that cannot work is refused beforehand, by the dry run too', async () => {
    await using ground = await labGround({ vddk: false });
    const point = await backedUp(ground);
    const { PowerOffVM_Task: before } = await ground.lab.counters();
    const reason = {
      code: 'not-eligible',
      message: /No transport can reach Hard disk 1: san: no VDDK is installed/,
    };
    const inPlace = { kind: 'in-place', powerOff: true } as const;
    const newVm = { kind: 'new-vm', name: 'c', keepIdentity: false, onFailure: 'keep' } as const;
    for (const target of [inPlace, newVm]) {
      const change = { target, transports: ['san'] } as const;
      const plan = planRestore(
        ground.bench.context,
        restoreRequest(ground, point, change),
        ground.signal,
      );
      await assert.rejects(plan, reason);
      await assert.rejects(restoring(ground, point, change), reason);
    }
    const { PowerOffVM_Task: after, CreateVM_Task: made } = await ground.lab.counters();
    assert.deepEqual([after, made ?? 0], [before, 0]);
    await assertUntouched(ground);
  });

  test('disks that cannot be opened leave the VM running and unmarked', async () => {
    await using ground = await labGround({ vddk: false });
    const point = await backedUp(ground);
    await ground.lab.addFaults([
      {
        on: 'ReconfigVM_Task',
        object: 'coldframe',
        action: { kind: 'soap-fault', type: 'NoPermission', data: { privilegeId: 'X' } },
      },
    ]);
    await assert.rejects(restoring(ground, point), { code: 'no-permission' });
    await assertUntouched(ground);
  });

  test('an account that may not mark the VM is refused before the VM is powered off', async () => {
    await using ground = await labGround({ vddk: false });
    const point = await backedUp(ground);
    await ground.lab.setPrivileges([{ privilege: 'VirtualMachine.Config.AdvancedConfig' }]);
    const { PowerOffVM_Task: before } = await ground.lab.counters();
    await assert.rejects(restoring(ground, point), { code: 'no-permission' });
    const { PowerOffVM_Task: after } = await ground.lab.counters();
    assert.equal(after, before);
    await assertUntouched(ground);
  });
});

test('a choice of disks is refused for a new VM, which gets all of them', async () => {
  await using ground = await labGround({ vddk: false });
  const point = await backedUp(ground);
  const target = {
    kind: 'new-vm',
    name: 'copy',
    keepIdentity: false,
    onFailure: 'destroy',
  } as const;
  await assert.rejects(restoring(ground, point, { target, disks: ['scsi1-0'] }), {
    code: 'invalid-input',
    message: /always gets all disks/,
  });
  await ground.assertTidy();
});

test('a disk that fails while it is written is named, and the VM stays a mix', async () => {
  const workerEnv = { COLDFRAME_LAB_VDDK_FAULTS: 'Write:2+:error=7;WriteAsync:2+:error=7' };
  await using ground = await labGround({ vddk: true, workerEnv });
  const point = await backedUp(ground);
  await assert.rejects(restoring(ground, point, { transports: ['nbdssl'] }), {
    code: 'disk',
    message: /^Disk scsi0-0 could not be restored: .* then restore again\.$/,
  });
  assert.equal(await marked(ground), point.header.id);
  assert.deepEqual(await openKinds(ground), ['power-off', 'in-place-restore']);
});
