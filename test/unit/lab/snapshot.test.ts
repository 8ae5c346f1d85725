import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { applianceMoref, demoVm, eventually, smallLab } from './lab-fixture.ts';
import { child, SoapClient, SoapFault, textAt } from './soap-client.ts';

function createSnapshot(vm: string, name = 'backup'): string {
  return `<_this type="VirtualMachine">${vm}</_this><name>${name}</name><description>mark</description><memory>false</memory><quiesce>false</quiesce>`;
}

function attach(appliance: string, file: string, mode = 'independent_nonpersistent'): string {
  return `<_this type="VirtualMachine">${appliance}</_this><spec><deviceChange><operation>add</operation><device xsi:type="VirtualDisk"><key>-1</key><backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>${file}</fileName><diskMode>${mode}</diskMode></backing><controllerKey>1002</controllerKey><unitNumber>3</unitNumber><capacityInKB>0</capacityInKB></device></deviceChange></spec>`;
}

function detach(appliance: string, key: number): string {
  return `<_this type="VirtualMachine">${appliance}</_this><spec><deviceChange><operation>remove</operation><device xsi:type="VirtualDisk"><key>${key}</key><capacityInKB>0</capacityInKB></device></deviceChange></spec>`;
}

function removeSnapshot(snapshot: string): string {
  return `<_this type="VirtualMachineSnapshot">${snapshot}</_this><removeChildren>false</removeChildren><consolidate>true</consolidate>`;
}

test('a snapshot stays frozen while the guest writes, and consolidation keeps the writes', async () => {
  await using lab = await smallLab();
  const vm = await demoVm(lab);
  const client = await SoapClient.login(lab);
  const before = await lab.readGuest({ vm: vm.moref, key: vm.data, offset: 0, length: 1_000_000 });

  const snapshot = await client.task('CreateSnapshot_Task', createSnapshot(vm.moref));
  await lab.writeGuest({ vm: vm.moref, key: vm.data, offset: 5000, seed: 1, length: 70_000 });
  await lab.trim({ vm: vm.moref, key: vm.data, offset: 200_000, length: 100_000 });

  const rows = (await readFile(lab.vddkMap, 'utf8')).split('\n').map((row) => row.split('\t'));
  const row = rows.find((each) => each[2] === snapshot && each[3]?.endsWith('demo-app_1.vmdk'));
  assert.equal(row?.[1], vm.moref);
  assert.equal(row?.[7], 'ro');
  const frozen = await readFile(row[4]!);
  assert.equal(frozen.subarray(0, 1_000_000).toString('base64'), before.base64);
  const captured = await readFile(path.join(lab.captureDir, snapshot, `${vm.data}.raw`));
  assert.ok(captured.equals(frozen));

  const running = await lab.readGuest({ vm: vm.moref, key: vm.data, offset: 0, length: 1_000_000 });
  assert.notEqual(running.base64, before.base64);
  await client.task('RemoveSnapshot_Task', removeSnapshot(snapshot));
  const after = await lab.readGuest({ vm: vm.moref, key: vm.data, offset: 0, length: 1_000_000 });
  assert.equal(after.base64, running.base64);
  const state = (await lab.state()).vms.find((each) => each.moref === vm.moref)!;
  assert.deepEqual(
    state.disks.map((disk) => disk.chain.length),
    [1, 1],
  );
  assert.equal(state.snapshots.length, 0);
  assert.equal(
    readdirSync(path.dirname(row[4]!)).filter((name) => name.includes('-0000')).length,
    0,
  );
});

test('snapshot.config names the frozen files, the running VM the deltas with their parents', async () => {
  await using lab = await smallLab();
  const vm = await demoVm(lab);
  const client = await SoapClient.login(lab);
  const snapshot = await client.task('CreateSnapshot_Task', createSnapshot(vm.moref));
  const frozen = (
    await client.properties(`VirtualMachineSnapshot:${snapshot}`, ['config.hardware.device'])
  ).get('config.hardware.device')!;
  const running = (
    await client.properties(`VirtualMachine:${vm.moref}`, ['config.hardware.device'])
  ).get('config.hardware.device')!;
  assert.equal(frozen.xsiType, 'ArrayOfVirtualDevice');
  const disk = (of: typeof frozen): (typeof frozen)['children'][number] =>
    of.children.find((each) => textAt(each, 'key') === String(vm.data))!;
  assert.equal(disk(frozen).xsiType, 'VirtualDisk');
  assert.equal(textAt(disk(frozen), 'backing', 'fileName'), '[vmfs1] demo-app/demo-app_1.vmdk');
  assert.match(textAt(disk(running), 'backing', 'fileName')!, /demo-app_1-00000\d\.vmdk$/);
  assert.equal(
    textAt(disk(running), 'backing', 'parent', 'fileName'),
    '[vmfs1] demo-app/demo-app_1.vmdk',
  );
  assert.match(textAt(disk(frozen), 'backing', 'changeId')!, /^52( [0-9a-f]{2}){7}-.*\/2$/);
  assert.match(textAt(disk(frozen), 'backing', 'uuid')!, /^6000C29/);
});

test('chains of several snapshots: each keeps its own content through every removal', async () => {
  await using lab = await smallLab();
  const vm = await demoVm(lab);
  const client = await SoapClient.login(lab);
  const taken: string[] = [];
  for (let round = 0; round < 4; round++) {
    taken.push(await client.task('CreateSnapshot_Task', createSnapshot(vm.moref, `s${round}`)));
    await lab.writeGuest({
      vm: vm.moref,
      key: vm.system,
      offset: round * 9000,
      seed: round,
      length: 30_000,
    });
  }
  const content = async (snapshot: string): Promise<Buffer> => {
    const rows = (await readFile(lab.vddkMap, 'utf8')).split('\n').map((row) => row.split('\t'));
    return await readFile(
      rows.find((each) => each[2] === snapshot && each[3]!.includes('demo-app/demo-app'))![4]!,
    );
  };
  const captured = async (snapshot: string): Promise<Buffer> =>
    await readFile(path.join(lab.captureDir, snapshot, `${vm.system}.raw`));
  const running = await lab.readGuest({ vm: vm.moref, key: vm.system, offset: 0, length: 100_000 });
  for (const gone of [taken[1]!, taken[0]!, taken[3]!]) {
    await client.task('RemoveSnapshot_Task', removeSnapshot(gone));
    const left = (await lab.state()).vms.find((each) => each.moref === vm.moref)!.snapshots;
    for (const { moref } of left) assert.ok((await content(moref)).equals(await captured(moref)));
    const now = await lab.readGuest({ vm: vm.moref, key: vm.system, offset: 0, length: 100_000 });
    assert.equal(now.base64, running.base64);
  }
  await client.task(
    'RevertToSnapshot_Task',
    `<_this type="VirtualMachineSnapshot">${taken[2]}</_this>`,
  );
  const reverted = await lab.readGuest({
    vm: vm.moref,
    key: vm.system,
    offset: 0,
    length: 100_000,
  });
  assert.equal(
    reverted.base64,
    (await captured(taken[2]!)).subarray(0, 100_000).toString('base64'),
  );
});

test('above a snapshot that stays, each later one shows what the guest wrote by then', async () => {
  await using lab = await smallLab();
  const vm = await demoVm(lab);
  const client = await SoapClient.login(lab);
  await lab.addForeignSnapshot({ vm: vm.moref, name: 'kept' });
  for (const seed of [1, 2, 3]) {
    await lab.writeGuest({ vm: vm.moref, key: vm.data, offset: 4096 * seed, seed, length: 9000 });
    const snapshot = await client.task('CreateSnapshot_Task', createSnapshot(vm.moref));
    const rows = (await readFile(lab.vddkMap, 'utf8')).split('\n').map((row) => row.split('\t'));
    const row = rows.find((each) => each[2] === snapshot && each[3]?.includes('demo-app_1'))!;
    const captured = await readFile(path.join(lab.captureDir, snapshot, `${vm.data}.raw`));
    assert.ok((await readFile(row[4]!)).equals(captured));
    await client.task('RemoveSnapshot_Task', removeSnapshot(snapshot));
  }
});

test('an attached disk appears in the appliance and vanishes when detached', async () => {
  await using lab = await smallLab();
  const vm = await demoVm(lab);
  const appliance = await applianceMoref(lab);
  const client = await SoapClient.login(lab);
  const snapshot = await client.task('CreateSnapshot_Task', createSnapshot(vm.moref));
  await client.task('ReconfigVM_Task', attach(appliance, '[vmfs1] demo-app/demo-app.vmdk'));
  const device = path.join(lab.applianceRoot, 'sys/bus/scsi/devices/2:0:3:0');
  await eventually(() => existsSync(path.join(lab.applianceRoot, 'dev/sdb')));
  const uuid = (await lab.state()).vms.find((each) => each.moref === vm.moref)!.disks[0]!.uuid;
  const serial = (await readFile(path.join(device, 'vpd_pg80'))).subarray(4).toString('ascii');
  assert.equal(serial, uuid.replaceAll('-', '').toLowerCase());
  const page83 = await readFile(path.join(device, 'vpd_pg83'));
  assert.ok(page83.includes(Buffer.from(serial, 'hex')));
  assert.equal(await readFile(path.join(device, 'block/sdb/size'), 'utf8'), '32768\n');
  assert.equal(
    await readFile(path.join(lab.applianceRoot, 'sys/block/sdb/device/vendor'), 'utf8'),
    'VMware  \n',
  );
  const seen = await readFile(path.join(lab.applianceRoot, 'dev/sdb'));
  assert.ok(seen.equals(await readFile(path.join(lab.captureDir, snapshot, `${vm.system}.raw`))));

  const { attachments } = await lab.state();
  assert.equal(attachments.length, 1);
  await client.task('ReconfigVM_Task', detach(appliance, attachments[0]!.key));
  assert.ok(!existsSync(device));
  assert.ok(!existsSync(path.join(lab.applianceRoot, 'dev/sdb')));
  await client.task('RemoveSnapshot_Task', removeSnapshot(snapshot));
});

test('writing to device/delete lets the disk go in the guest, a scan brings it back', async () => {
  await using lab = await smallLab();
  const appliance = await applianceMoref(lab);
  const vm = await demoVm(lab);
  const client = await SoapClient.login(lab);
  await client.task('CreateSnapshot_Task', createSnapshot(vm.moref));
  await client.task('ReconfigVM_Task', attach(appliance, '[vmfs1] demo-app/demo-app.vmdk'));
  const node = path.join(lab.applianceRoot, 'dev/sdb');
  await eventually(() => existsSync(node));
  await writeFile(path.join(lab.applianceRoot, 'sys/bus/scsi/devices/2:0:3:0/delete'), '1');
  await eventually(() => !existsSync(node));
  await writeFile(path.join(lab.applianceRoot, 'sys/class/scsi_host/host2/scan'), '- - -');
  await eventually(() => existsSync(node));
  await lab.detachAll();
  assert.ok(!existsSync(node));
});

test('removing a snapshot whose disk is attached leaves the mess of real life', async () => {
  await using lab = await smallLab();
  const vm = await demoVm(lab);
  const appliance = await applianceMoref(lab);
  const client = await SoapClient.login(lab);
  const snapshot = await client.task('CreateSnapshot_Task', createSnapshot(vm.moref));
  await client.task('ReconfigVM_Task', attach(appliance, '[vmfs1] demo-app/demo-app_1.vmdk'));
  await assert.rejects(
    client.task('RemoveSnapshot_Task', removeSnapshot(snapshot)),
    (thrown) => thrown instanceof SoapFault && thrown.type === 'FileLocked',
  );
  const runtime = await client.properties(`VirtualMachine:${vm.moref}`, [
    'runtime.consolidationNeeded',
    'snapshot',
  ]);
  assert.equal(runtime.get('runtime.consolidationNeeded')!.text, 'true');
  assert.ok(!runtime.has('snapshot'));
  const consolidation = `<_this type="VirtualMachine">${vm.moref}</_this>`;
  await assert.rejects(client.task('ConsolidateVMDisks_Task', consolidation));
  await lab.detachAll();
  await client.task('ConsolidateVMDisks_Task', consolidation);
  const state = (await lab.state()).vms.find((each) => each.moref === vm.moref)!;
  assert.equal(state.consolidationNeeded, false);
  assert.deepEqual(
    state.disks.map((disk) => disk.chain.length),
    [1, 1],
  );
});

test('locks: the running end of a chain and a second attach are refused', async () => {
  await using lab = await smallLab();
  const vm = await demoVm(lab);
  const appliance = await applianceMoref(lab);
  const client = await SoapClient.login(lab);
  const file = '[vmfs1] demo-app/demo-app.vmdk';
  const locked = (thrown: unknown): boolean =>
    thrown instanceof SoapFault && thrown.type === 'FileLocked';
  await assert.rejects(client.task('ReconfigVM_Task', attach(appliance, file)), locked);
  await client.task('CreateSnapshot_Task', createSnapshot(vm.moref));
  await assert.rejects(
    client.task('ReconfigVM_Task', attach(appliance, file, 'independent_persistent')),
    locked,
  );
  await client.task('ReconfigVM_Task', attach(appliance, file));
  await assert.rejects(
    client.task('ReconfigVM_Task', attach(appliance, file)),
    (thrown) => thrown instanceof SoapFault && thrown.type === 'InvalidDeviceSpec',
  );
  await assert.rejects(
    client.task(
      'ReconfigVM_Task',
      attach(appliance, file).replace('<unitNumber>3', '<unitNumber>4'),
    ),
    locked,
  );
});

test('a VM that is off can be attached for writing, and then does not start', async () => {
  await using lab = await smallLab();
  const vm = await demoVm(lab);
  const appliance = await applianceMoref(lab);
  const client = await SoapClient.login(lab);
  await lab.power({ vm: vm.moref, on: false });
  await client.task(
    'ReconfigVM_Task',
    attach(appliance, '[vmfs1] demo-app/demo-app.vmdk', 'independent_persistent'),
  );
  const start = `<_this type="VirtualMachine">${vm.moref}</_this>`;
  await assert.rejects(
    client.task('PowerOnVM_Task', start),
    (thrown) => thrown instanceof SoapFault && thrown.type === 'FileLocked',
  );
  await assert.rejects(client.task('Destroy_Task', start));
  await lab.detachAll();
  await client.task('PowerOnVM_Task', start);
});

test('a second vim task on a busy VM meets TaskInProgress', async () => {
  await using lab = await smallLab({ taskMs: 100 });
  const vm = await demoVm(lab);
  const client = await SoapClient.login(lab);
  const first = child(
    await client.call('CreateSnapshot_Task', createSnapshot(vm.moref)),
    'returnval',
  ).text;
  await assert.rejects(
    client.call('CreateSnapshot_Task', createSnapshot(vm.moref)),
    (thrown) =>
      thrown instanceof SoapFault &&
      thrown.type === 'TaskInProgress' &&
      textAt(thrown.detail, 'task') === first,
  );
  await client.taskEnd(first);
});

test('writing to a disk attached for reading, or destroying it, is held against the product', async () => {
  const lab = await smallLab();
  const vm = await demoVm(lab);
  const appliance = await applianceMoref(lab);
  const client = await SoapClient.login(lab);
  await client.task('CreateSnapshot_Task', createSnapshot(vm.moref));
  await client.task('ReconfigVM_Task', attach(appliance, '[vmfs1] demo-app/demo-app.vmdk'));
  const node = path.join(lab.applianceRoot, 'dev/sdb');
  await eventually(() => existsSync(node));
  await writeFile(node, 'oops', { flag: 'r+' });
  const [attached] = (await lab.state()).attachments;
  const destroy = detach(appliance, attached!.key).replace(
    '</operation>',
    '</operation><fileOperation>destroy</fileOperation>',
  );
  await assert.rejects(client.task('ReconfigVM_Task', destroy));
  await client.task('ReconfigVM_Task', detach(appliance, attached!.key));
  assert.equal((await lab.state()).violations.length, 2);
  const dispose = async (): Promise<void> => {
    await lab[Symbol.asyncDispose]();
  };
  await assert.rejects(dispose, /written to while attached for reading/);
});
