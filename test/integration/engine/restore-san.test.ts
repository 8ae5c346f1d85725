import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import type { EngineContext } from '#engine/ports.ts';
import type { RestoreRequest } from '#engine/requests.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';
import { restoreRequest } from '#test/support/restore-request.ts';

/** SAN works on a physical machine only: one that is no VM of the endpoint. */
function physical({ context }: LabGround['bench']): EngineContext {
  const self = () => Promise.resolve({ biosUuids: [], macAddresses: [] });
  return { ...context, devices: { ...context.devices, self } };
}

async function backedUp(ground: LabGround): Promise<RestorePoint> {
  const { bench, signal } = ground;
  const { restorePoint } = await backUpVm(
    physical(bench),
    bench.backup({}, { transports: ['san'] }),
    { signal },
  );
  for (const { key } of (await ground.vm('demo-app')).disks)
    await ground.lab.writeGuest({
      vm: 'demo-app',
      key,
      offset: 1 << 20,
      length: 99_999,
      seed: key,
    });
  return restorePoint;
}

function request(
  ground: LabGround,
  point: RestorePoint,
  change: Partial<RestoreRequest> = {},
): RestoreRequest {
  const bySan = { powerOn: true, transports: ['san', 'nbdssl'] } as const;
  return restoreRequest(ground, point, { ...bySan, ...change });
}

test('SAN writes below a snapshot, which is reverted to and removed', async () => {
  await using ground = await labGround({ vddk: true });
  const { bench, signal } = ground;
  const point = await backedUp(ground);
  const [capture] = await ground.captures();
  const { disks, warnings } = await restoreVm(physical(bench), request(ground, point), { signal });
  assert.deepEqual(warnings, []);
  for (const { transport } of disks) assert.equal(transport, 'san');
  const { RevertToSnapshot_Task: reverts } = await ground.lab.counters();
  assert.equal(reverts, 1);
  await ground.assertRestored('demo-app', capture!);
  await ground.assertTidy();

  const target = {
    kind: 'new-vm',
    name: 'copy',
    keepIdentity: false,
    onFailure: 'destroy',
  } as const;
  const made = request(ground, point, { target, taskId: 'restore2', powerOn: false });
  const copy = await restoreVm(physical(bench), made, { signal });
  for (const { transport } of copy.disks) assert.equal(transport, 'san');
  await ground.assertRestored('copy', capture!);
  await ground.assertTidy();
});

test('without a snapshot it goes by the next transport', async () => {
  await using ground = await labGround({ vddk: true });
  const { bench, signal } = ground;
  const point = await backedUp(ground);
  const [capture] = await ground.captures();
  await ground.lab.addFaults([
    { on: 'CreateSnapshot_Task', action: { kind: 'task-error', type: 'SnapshotFault' } },
  ]);
  const { disks, warnings } = await restoreVm(physical(bench), request(ground, point), { signal });
  for (const { transport } of disks) assert.equal(transport, 'nbdssl');
  assert.match(warnings.join(), /goes by nbdssl, because san failed/);
  await ground.assertRestored('demo-app', capture!);
  await ground.assertTidy();
});

test('a restore that cannot revert is not called done, and recover sets it right', async () => {
  await using ground = await labGround({ vddk: true });
  const { bench, signal } = ground;
  const point = await backedUp(ground);
  const data = { reason: 'x' };
  await ground.lab.addFaults([
    {
      on: 'RevertToSnapshot_Task',
      action: { kind: 'task-error', type: 'GenericVmConfigFault', data },
    },
  ]);
  await assert.rejects(restoreVm(physical(bench), request(ground, point), { signal }), {
    message: /of no use before the snapshot for it is gone/,
  });
  assert.equal((await ground.vm('demo-app')).power, 'poweredOff');
  await ground.recover();
  const { snapshots, extraConfig } = await ground.vm('demo-app');
  assert.deepEqual(snapshots, []);
  assert.equal(extraConfig['coldframe.unfinished-restore'], point.header.id);
});

test('what a broken-off one leaves is reverted before it is removed', async () => {
  await using ground = await labGround({ vddk: true });
  const { bench, signal } = ground;
  const point = await backedUp(ground);
  const [capture] = await ground.captures();
  const until = new AbortController();
  const broken = restoreVm(physical(bench), request(ground, point), {
    signal: until.signal,
    onProgress: ({ phase }) => {
      if (phase === 'reading-back') until.abort(new ColdframeError('cancelled', 'enough'));
    },
  });
  await assert.rejects(broken, { code: 'cancelled' });
  assert.deepEqual((await ground.vm('demo-app')).snapshots, []);
  await restoreVm(physical(bench), request(ground, point, { taskId: 'restore2' }), { signal });
  await ground.assertRestored('demo-app', capture!);
  await ground.assertTidy();
});
