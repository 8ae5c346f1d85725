import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { test } from 'node:test';
import type { Lab } from '#test/lab/lab.ts';
import { demoVm, smallLab } from './lab-fixture.ts';
import { child, SoapClient, SoapFault, textAt } from './soap-client.ts';

const controller =
  '<deviceChange><operation>add</operation><device xsi:type="ParaVirtualSCSIController"><key>-1</key><busNumber>0</busNumber><sharedBus>noSharing</sharedBus></device></deviceChange>';

function newDisk(unit: number, sizeKb = 1024): string {
  return `<deviceChange><operation>add</operation><fileOperation>create</fileOperation><device xsi:type="VirtualDisk"><key>-${10 + unit}</key><backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName></fileName><diskMode>persistent</diskMode><thinProvisioned>true</thinProvisioned></backing><controllerKey>-1</controllerKey><unitNumber>${unit}</unitNumber><capacityInKB>${sizeKb}</capacityInKB></device></deviceChange>`;
}

async function createBody(client: SoapClient, name: string, changes: string): Promise<string> {
  const folder = child(
    await client.call(
      'FindByInventoryPath',
      '<_this type="SearchIndex">SearchIndex</_this><inventoryPath>Lab/vm</inventoryPath>',
    ),
    'returnval',
  ).text;
  const cluster = child(
    await client.call(
      'FindByInventoryPath',
      '<_this type="SearchIndex">SearchIndex</_this><inventoryPath>Lab/host/Cluster</inventoryPath>',
    ),
    'returnval',
  ).text;
  const pool = (await client.properties(`ClusterComputeResource:${cluster}`, ['resourcePool'])).get(
    'resourcePool',
  )!.text;
  return `<_this type="Folder">${folder}</_this><config><name>${name}</name><guestId>debian12_64Guest</guestId><files><vmPathName>[vmfs1]</vmPathName></files><numCPUs>2</numCPUs><memoryMB>512</memoryMB>${changes}<extraConfig><key>coldframe.marker</key><value xsi:type="xsd:string">m1</value></extraConfig><firmware>efi</firmware></config><pool type="ResourcePool">${pool}</pool>`;
}

function fault(type: string): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof SoapFault && thrown.type === type;
}

test('a VM is created with controllers and disks, written to while off, started and destroyed', async () => {
  await using lab = await smallLab();
  const client = await SoapClient.login(lab);
  const moref = await client.task(
    'CreateVM_Task',
    await createBody(client, 'a/b', controller + newDisk(0) + newDisk(1)),
  );
  const state = (await lab.state()).vms.find((vm) => vm.moref === moref)!;
  assert.equal(state.name, 'a%2fb');
  assert.deepEqual(
    state.disks.map((disk) => disk.key),
    [2000, 2001],
  );
  assert.equal(state.extraConfig['coldframe.marker'], 'm1');
  const rows = (await readFile(lab.vddkMap, 'utf8')).split('\n').map((row) => row.split('\t'));
  const writable = rows.filter((row) => row[1] === moref);
  assert.deepEqual(
    writable.map((row) => [row[2], row[7]]),
    [
      ['-', 'rw'],
      ['-', 'rw'],
    ],
  );
  await client.task('PowerOnVM_Task', `<_this type="VirtualMachine">${moref}</_this>`);
  assert.ok(!(await readFile(lab.vddkMap, 'utf8')).includes(`\t${moref}\t`));
  await assert.rejects(
    client.call('Destroy_Task', `<_this type="VirtualMachine">${moref}</_this>`),
    fault('InvalidPowerState'),
  );
  await client.task('PowerOffVM_Task', `<_this type="VirtualMachine">${moref}</_this>`);
  await client.task('Destroy_Task', `<_this type="VirtualMachine">${moref}</_this>`);
  assert.ok(!existsSync(writable[0]![4]!));
  await assert.rejects(
    client.properties(`VirtualMachine:${moref}`, ['name']),
    fault('ManagedObjectNotFound'),
  );
});

test('specifications that a vCenter refuses are refused', async () => {
  await using lab = await smallLab();
  const client = await SoapClient.login(lab);
  const create = async (name: string, changes: string): Promise<string> =>
    await client.task('CreateVM_Task', await createBody(client, name, changes));
  await assert.rejects(create('demo', newDisk(0)), fault('InvalidController'));
  await assert.rejects(create('demo', controller + newDisk(7)), fault('InvalidDeviceSpec'));
  await assert.rejects(
    create('demo', controller + newDisk(0) + newDisk(0).replace('-10', '-20')),
    fault('InvalidDeviceSpec'),
  );
  await assert.rejects(
    create('demo', controller + controller.replace('-1', '-2')),
    fault('InvalidDeviceSpec'),
  );
  const keyboard =
    '<deviceChange><operation>add</operation><device xsi:type="VirtualKeyboard"><key>-9</key></device></deviceChange>';
  await assert.rejects(create('demo', keyboard), fault('InvalidDeviceSpec'));
  await create('twin', '');
  await assert.rejects(create('twin', ''), fault('DuplicateName'));
});

test('reconfigure: names, extraConfig, growth, optimistic lock; failures change nothing', async () => {
  await using lab = await smallLab();
  const { moref, data } = await demoVm(lab);
  const client = await SoapClient.login(lab);
  const reconfigure = async (spec: string): Promise<string> =>
    await client.task(
      'ReconfigVM_Task',
      `<_this type="VirtualMachine">${moref}</_this><spec>${spec}</spec>`,
    );
  await reconfigure(
    '<name>renamed</name><memoryMB>256</memoryMB><extraConfig><key>k</key><value xsi:type="xsd:string">v</value></extraConfig>',
  );
  await reconfigure('<extraConfig><key>k</key><value xsi:type="xsd:string"></value></extraConfig>');
  const after = (await lab.state()).vms.find((vm) => vm.moref === moref)!;
  assert.equal(after.name, 'renamed');
  assert.deepEqual(after.extraConfig, {});
  const edit = (kb: number): string =>
    `<deviceChange><operation>edit</operation><device xsi:type="VirtualDisk"><key>${data}</key><capacityInKB>${kb}</capacityInKB></device></deviceChange>`;
  await reconfigure(edit(9000));
  await assert.rejects(reconfigure(edit(8000)), fault('InvalidDeviceSpec'));
  await assert.rejects(reconfigure(edit(10_000) + edit(1)), fault('InvalidDeviceSpec'));
  const read = await client.properties(`VirtualMachine:${moref}`, [
    'config.changeVersion',
    `config.hardware.device[${data}]`,
  ]);
  assert.equal(textAt(read.get(`config.hardware.device[${data}]`)!, 'capacityInKB'), '9000');
  await assert.rejects(
    reconfigure('<changeVersion>old</changeVersion>'),
    fault('ConcurrentAccess'),
  );
  await reconfigure(`<changeVersion>${read.get('config.changeVersion')!.text}</changeVersion>`);
});

test('a VM that is unregistered and registered again has a new moref and its old identity', async () => {
  await using lab = await smallLab();
  const { moref } = await demoVm(lab);
  const client = await SoapClient.login(lab);
  const before = (await lab.state()).vms.find((vm) => vm.moref === moref)!;
  await lab.power({ vm: moref, on: false });
  const read = await client.properties(`VirtualMachine:${moref}`, [
    'config.files.vmPathName',
    'parent',
  ]);
  await client.call('UnregisterVM', `<_this type="VirtualMachine">${moref}</_this>`);
  const again = await client.task(
    'RegisterVM_Task',
    `<_this type="Folder">${read.get('parent')!.text}</_this><path>${read.get('config.files.vmPathName')!.text}</path><asTemplate>false</asTemplate>`,
  );
  assert.notEqual(again, moref);
  const found = await client.call(
    'FindAllByUuid',
    `<_this type="SearchIndex">SearchIndex</_this><uuid>${before.instanceUuid.toUpperCase()}</uuid><vmSearch>true</vmSearch><instanceUuid>true</instanceUuid>`,
  );
  assert.equal(child(found, 'returnval').text, again);
});

test('custom values are defined, set and shown', async () => {
  await using lab = await smallLab();
  const { moref } = await demoVm(lab);
  const client = await SoapClient.login(lab);
  const made = await client.call(
    'AddCustomFieldDef',
    '<_this type="CustomFieldsManager">CustomFieldsManager</_this><name>Last backup</name><moType>VirtualMachine</moType>',
  );
  await client.call(
    'setCustomValue',
    `<_this type="VirtualMachine">${moref}</_this><key>Last backup</key><value>today</value>`,
  );
  const value = (await client.properties(`VirtualMachine:${moref}`, ['customValue'])).get(
    'customValue',
  )!;
  assert.equal(textAt(value, 'CustomFieldValue', 'value'), 'today');
  assert.equal(textAt(value, 'CustomFieldValue', 'key'), textAt(made, 'returnval', 'key'));
});

async function nvram(
  lab: Lab,
  how: { method: string; cookie?: string | undefined; body?: Buffer },
): Promise<{ status: number; body: Buffer }> {
  const url = new URL('/folder/demo-app/demo-app.nvram?dcPath=Lab&dsName=vmfs1', lab.url);
  return await new Promise((resolve, reject) => {
    const headers = how.cookie === undefined ? {} : { Cookie: how.cookie };
    const sent = request(
      url,
      { method: how.method, headers, rejectUnauthorized: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(how.body);
  });
}

test('NVRAM is read and written over /folder with the cookie of the connection', async () => {
  await using lab = await smallLab();
  const { cookie } = await SoapClient.login(lab);
  assert.equal((await nvram(lab, { method: 'GET' })).status, 401);
  const first = await nvram(lab, { method: 'GET', cookie });
  assert.equal(first.status, 200);
  assert.equal(first.body.length, 8684);
  const body = Buffer.from('MRVNnew');
  assert.equal((await nvram(lab, { method: 'PUT', cookie, body })).status, 201);
  assert.ok((await nvram(lab, { method: 'GET', cookie })).body.equals(body));
});

test('independent disks and physical RDMs stay out of snapshots; transports follow disk and datastore', async () => {
  await using lab = await smallLab();
  const sizeBytes = 2 ** 20;
  const made = await lab.addVm({
    name: 'mixed',
    poweredOn: true,
    disks: [
      { sizeBytes },
      { sizeBytes, mode: 'independent_persistent' },
      { sizeBytes, backing: 'rdm-physical' },
      { sizeBytes, backing: 'rdm-virtual' },
      { sizeBytes, controller: 'ide' },
      { sizeBytes, controller: 'sata', datastore: 'nfs1' },
    ],
  });
  const client = await SoapClient.login(lab);
  const snapshot = await client.task(
    'CreateSnapshot_Task',
    `<_this type="VirtualMachine">${made.moref}</_this><name>s</name><memory>false</memory><quiesce>true</quiesce>`,
  );
  const rows = (await readFile(lab.vddkMap, 'utf8')).split('\n').map((row) => row.split('\t'));
  const transports = rows.filter((row) => row[2] === snapshot).map((row) => row[5]);
  assert.deepEqual(transports, [
    'hotadd:san:nbdssl:nbd',
    'hotadd:san:nbdssl:nbd',
    'san:nbdssl:nbd',
    'hotadd:nbdssl:nbd',
  ]);
  const chains = (await lab.state()).vms
    .find((vm) => vm.moref === made.moref)!
    .disks.map((disk) => disk.chain.length);
  assert.deepEqual(chains, [2, 1, 1, 2, 2, 2]);
  const devices = await client.properties(`VirtualMachineSnapshot:${snapshot}`, [
    'config.hardware.device',
  ]);
  const backings = devices
    .get('config.hardware.device')!
    .children.filter((each) => each.xsiType === 'VirtualDisk')
    .map((each) => child(each, 'backing').xsiType);
  assert.equal(
    backings.filter((each) => each === 'VirtualDiskRawDiskMappingVer1BackingInfo').length,
    2,
  );
});
