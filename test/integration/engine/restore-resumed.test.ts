import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import type { NewVmTarget, RestoreRequest } from '#engine/requests.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';
import { restoreRequest } from '#test/support/restore-request.ts';

const kept: NewVmTarget = {
  kind: 'new-vm',
  name: 'copy',
  keepIdentity: false,
  onFailure: 'keep',
};

async function backUp({ bench, signal }: LabGround): Promise<RestorePoint> {
  return (await backUpVm(bench.context, bench.backup(), { signal })).restorePoint;
}

function request(
  ground: LabGround,
  point: RestorePoint,
  change: Partial<RestoreRequest> = {},
): RestoreRequest {
  return restoreRequest(ground, point, { target: kept, ...change });
}

/** Stops the restore when the first disk has been written. */
async function breakOff(ground: LabGround, order: RestoreRequest): Promise<void> {
  const until = new AbortController();
  const broken = restoreVm(ground.bench.context, order, {
    signal: until.signal,
    onProgress: ({ phase }) => {
      if (phase === 'reading-back') until.abort(new ColdframeError('cancelled', 'enough'));
    },
  });
  await assert.rejects(broken, { code: 'cancelled' });
}

suite('a restore that was broken off', () => {
  test('leaves a VM that was to be kept, and goes on in it with what is missing', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal, lab } = ground;
    await lab.setCustomValue({ vm: 'demo-app', name: 'Owner', value: 'Ada' });
    const point = await backUp(ground);
    const [capture] = await ground.captures();
    await breakOff(ground, request(ground, point));
    const half = await ground.vm('copy');
    assert.equal(half.extraConfig['coldframe.unfinished-restore'], point.header.id);
    assert.ok(half.extraConfig['coldframe.marker']);
    await ground.assertTidy();

    const vm = { name: 'copy' };
    const { disks } = await restoreVm(
      bench.context,
      request(ground, point, {
        taskId: 'restore2',
        target: { kind: 'in-place', vm, powerOff: false },
      }),
      { signal },
    );
    const [first] = disks;
    assert.equal(first!.writtenBytes, 0, 'the first disk had been written whole');
    assert.ok(first!.sameBytes > 0);
    const { extraConfig } = await ground.vm('copy');
    assert.deepEqual(
      Object.keys(extraConfig).filter((key) => key.startsWith('coldframe.')),
      [],
    );
    await ground.assertRestored('copy', capture!);
    await ground.assertTidy();
  });

  test('is not gone on with from another restore point', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal } = ground;
    const point = await backUp(ground);
    await breakOff(ground, request(ground, point));
    const other = await backUp(ground);
    const target = { kind: 'in-place', vm: { name: 'copy' }, powerOff: false } as const;
    await assert.rejects(
      restoreVm(bench.context, request(ground, other, { taskId: 'restore2', target }), { signal }),
      { code: 'not-eligible', message: /in its slot is another disk now/ },
    );
  });

  test('keeps the VM after a crash too, where that was the choice', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal, connection } = ground;
    const point = await backUp(ground);
    for (const keep of [true, false]) {
      const { restoreToName, vmMoref } = await crashed(ground, point, keep);
      await ground.recover();
      assert.equal(
        (await connection.findVm({ moref: vmMoref }, signal)) !== undefined,
        keep,
        restoreToName,
      );
    }
    assert.deepEqual(await bench.context.journal.open(), []);
  });

  test('says that the datastore is full, and the VM that it made is gone', async () => {
    const workerEnv = { COLDFRAME_LAB_VDDK_FAULTS: 'Write:2+:error=8;WriteAsync:2+:error=8' };
    await using ground = await labGround({ vddk: true, workerEnv });
    const { bench, signal } = ground;
    const point = await backUp(ground);
    const target = { ...kept, onFailure: 'destroy' } as const;
    await assert.rejects(
      restoreVm(bench.context, request(ground, point, { target, transports: ['nbdssl'] }), {
        signal,
      }),
      (error: unknown) => {
        assert.ok(error instanceof ColdframeError);
        assert.match(error.message, /scsi0-0/);
        assert.match(error.message, /space|full/i);
        return true;
      },
    );
    assert.equal(
      (await ground.lab.state()).vms.some(({ name }) => name === 'copy'),
      false,
    );
    await ground.assertTidy();
  });
});

/** What the journal holds when the process dies after the VM was made. */
async function crashed(
  { bench, connection, signal }: LabGround,
  point: RestorePoint,
  keep: boolean,
): Promise<{ readonly restoreToName: string; readonly vmMoref: string }> {
  const restoreToName = keep ? 'kept' : 'not-kept';
  const { context, repository } = bench;
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(
      Buffer.from(await context.repositories.readMember(repository, point.path, name)).toString(),
    ) as unknown;
  const { folderPath } = (await read('vm/placement.json')) as { folderPath: string };
  const entry = await context.journal.intend({
    taskId: 'dead',
    kind: 'created-vm',
    endpointId: bench.endpoint.id,
    detail: { name: restoreToName, folderPath, keep },
  });
  const vmMoref = await connection.createVm(
    {
      name: restoreToName,
      config: await read('vm/config.json'),
      folderPath,
      datastoreName: 'vmfs1',
      disks: point.header.disks.map(({ key, capacityBytes }) => ({ key, capacityBytes })),
      keepIdentity: false,
      marker: entry.marker,
    },
    signal,
  );
  return { restoreToName, vmMoref };
}
