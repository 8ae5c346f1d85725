import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import type { RestorePoint } from '#core/restore-point.ts';
import { Secret } from '#core/secret.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { planRestore } from '#engine/plan-restore.ts';
import type { NewVmTarget, RestoreRequest } from '#engine/requests.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { createMover } from '#mover/parent.ts';
import { systemClock } from '#service/system-clock.ts';
import { startLab } from '#test/lab/lab.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';
import { restoreRequest } from '#test/support/restore-request.ts';
import { firstDifference } from '#test/support/same-bytes.ts';

async function backUp({ bench, signal }: LabGround, name = 'demo-app'): Promise<RestorePoint> {
  return (await backUpVm(bench.context, bench.backup({ vm: { name } }), { signal })).restorePoint;
}

function request(
  ground: LabGround,
  point: RestorePoint,
  {
    target = {},
    ...change
  }: Partial<Omit<RestoreRequest, 'target'>> & { target?: Partial<NewVmTarget> } = {},
): RestoreRequest {
  return restoreRequest(ground, point, {
    target: { kind: 'new-vm', name: 'copy', keepIdentity: false, onFailure: 'destroy', ...target },
    ...change,
  });
}

suite('a new VM', () => {
  test('has each disk where and as it is wanted, and the dry run says so', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal } = ground;
    const point = await backUp(ground);
    const [capture] = await ground.captures();
    const wanted = request(ground, point, {
      target: {
        host: 'esx2.lab.invalid',
        folderPath: 'Lab/vm',
        diskDatastores: { 'scsi1-0': 'nfs1' },
        provisioning: 'thick',
        networkMap: { 'VM Network': 'Backup' },
      },
    });
    const plan = await planRestore(bench.context, wanted, signal);
    assert.deepEqual(
      plan.disks.map(({ fileName }) => fileName),
      ['[vmfs1]', '[nfs1]'],
    );
    assert.match(
      plan.steps[0]!,
      /Create the VM "copy" in folder "Lab\/vm" on "esx2\.lab\.invalid"/,
    );
    assert.match(plan.steps[1]!, /"VM Network" to "Backup"/);
    assert.equal((await ground.lab.counters())['CreateVM_Task'], undefined);
    const { vmMoref } = await restoreVm(bench.context, wanted, { signal });
    await ground.assertRestored('copy', capture!);
    const made = await ground.connection.getVm(vmMoref, signal);
    assert.deepEqual(
      made.disks.map(({ backing }) => [/^\[(\w+)\]/.exec(backing.fileName)?.[1], backing.thin]),
      [
        ['vmfs1', false],
        ['nfs1', false],
      ],
    );
    await ground.assertTidy();
  });

  test('gets the custom attributes that the endpoint knows, and a warning about the others', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal, lab } = ground;
    await lab.setCustomValue({ vm: 'demo-app', name: 'Owner', value: 'Ada <&>' });
    await lab.setCustomValue({ vm: 'demo-app', name: 'Cost centre', value: '42' });
    const point = await backUp(ground);
    await lab.removeCustomField({ name: 'Cost centre' });
    const { warnings, vmMoref } = await restoreVm(bench.context, request(ground, point), {
      signal,
    });
    assert.match(warnings.join(), /"Cost centre" was not brought back/);
    assert.doesNotMatch(warnings.join(), /Owner/);
    const again = await backUpVm(bench.context, bench.backup({ vm: { moref: vmMoref } }), {
      signal,
    });
    const saved = await bench.context.repositories.readMember(
      bench.repository,
      again.restorePoint.path,
      'vm/placement.json',
    );
    const { customValues } = JSON.parse(Buffer.from(saved).toString()) as {
      customValues: unknown;
    };
    assert.deepEqual(customValues, [{ name: 'Owner', value: 'Ada <&>' }]);
  });

  test('is proven to start by VMware Tools, or the lack of them is a warning', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal } = ground;
    const point = await backUp(ground);
    const change = { powerOn: true, waitForToolsMs: 500 };
    const good = await restoreVm(bench.context, request(ground, point, change), { signal });
    assert.deepEqual(good.warnings, []);
    assert.equal((await ground.vm('copy')).power, 'poweredOn');
    const again = { ...change, taskId: 'restore2', target: { name: 'silent' } };
    const silent = await restoreVm(bench.context, request(ground, point, again), {
      signal,
      onProgress: () => void ground.lab.setVm({ vm: 'silent', toolsRunning: false }),
    });
    assert.match(silent.warnings.join(), /VMware Tools did not run within/);
  });

  test('with a virtual TPM is refused until it may go without', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal, lab } = ground;
    await lab.setVm({ vm: 'demo-app', tpm: true });
    const point = await backUp(ground);
    const refusal = { code: 'not-eligible', message: /virtual TPM/ };
    await assert.rejects(planRestore(bench.context, request(ground, point), signal), refusal);
    await assert.rejects(restoreVm(bench.context, request(ground, point), { signal }), refusal);
    const wanted = request(ground, point, { target: { withoutTpm: true } });
    const { warnings } = await restoreVm(bench.context, wanted, { signal });
    assert.match(warnings.join(), /TPM.* is not brought back/);
  });

  test('is not begun where it cannot be put', async () => {
    await using ground = await labGround({ vddk: false });
    const { bench, signal, lab } = ground;
    const point = await backUp(ground);
    await lab.setDatastore({ name: 'vmfs1', freeBytes: 1 << 20 });
    const wishes: [Partial<NewVmTarget>, RegExp][] = [
      [{ folderPath: 'Lab/vm/None' }, /no VM folder "Lab\/vm\/None"/],
      [{ host: 'esx9' }, /no host "esx9".*esx1\.lab\.invalid/],
      [{ datastoreName: 'none' }, /no datastore "none".*vmfs1, nfs1/],
      [{ networkMap: { 'VM Network': 'None' } }, /network "None" does not exist/],
      [{ provisioning: 'thick' }, /has 1048576 bytes free/],
    ];
    for (const [target, message] of wishes)
      await assert.rejects(
        restoreVm(bench.context, request(ground, point, { target }), { signal }),
        { message },
      );
    assert.equal((await lab.counters())['CreateVM_Task'], undefined);
    await ground.assertTidy();
  });
});

test('a VM is restored to another vCenter, whose places have other names', async () => {
  await using ground = await labGround({ vddk: true });
  const { bench, signal, folder } = ground;
  const point = await backUp(ground);
  const [capture] = await ground.captures();
  const home = demoScenario(smallSizes);
  await using other = await startLab({
    dir: join(folder, 'other'),
    seed: 7,
    scenario: {
      ...home,
      datacenter: 'Elsewhere',
      cluster: 'Far',
      hosts: ['esx7.lab.invalid'],
      networks: ['LAN'],
      datastores: [{ name: 'far1', type: 'VMFS', capacityBytes: 2 ** 42 }],
      vms: [],
    },
  });
  const endpoint = {
    id: 'endpoint2',
    name: 'other',
    address: other.address,
    user: other.user,
    thumbprint: other.thumbprintSha256,
    password: new Secret(other.password),
  };
  const wanted = request(ground, point, {
    endpoint,
    transports: ['hotadd-own', 'nbdssl'],
    target: { name: 'moved', networkMap: { 'VM Network': 'LAN' } },
  });
  await assert.rejects(
    planRestore(
      bench.context,
      request(ground, point, { endpoint, transports: ['nbdssl'] }),
      signal,
    ),
    { message: /network "VM Network" does not exist/ },
  );
  const mover = createMover({
    clock: systemClock,
    settings: {
      vddkStateDir: join(folder, 'vddk-other'),
      workerEnv: { COLDFRAME_LAB_VDDK_MAP: other.vddkMap },
    },
  });
  const context = { ...bench.context, mover };
  const { warnings, disks } = await restoreVm(context, wanted, { signal });
  assert.match(warnings.join(), /folder "Lab\/vm\/Production" is not there/);
  assert.match(warnings.join(), /datastore "vmfs1" is not there; "far1" is used/);
  assert.deepEqual(
    disks.map(({ transport }) => transport),
    ['nbdssl', 'nbdssl'],
  );
  const made = (await other.state()).vms.find(({ name }) => name === 'moved')!;
  for (const { key } of made.disks) {
    const to = join(folder, `moved-${key}.raw`);
    await other.copyDisk({ vm: 'moved', key, to });
    const then = join(ground.lab.captureDir, capture!, `${key}.raw`);
    assert.equal(await firstDifference(to, then), undefined);
  }
  assert.deepEqual(await bench.context.journal.open(), []);
});
