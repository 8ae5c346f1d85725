import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configSpec } from '#vsphere/config-spec.ts';
import { conform } from '#vsphere/conform.ts';
import { deviceSpecs } from '#vsphere/device-specs.ts';
import { encodeRequest } from '#vsphere/encode.ts';
import {
  at,
  listAt,
  numberAt,
  textAt,
  typeOf,
  type VimObject,
  type VimValue,
} from '#vsphere/value.ts';

const base = { fileName: '[old] v/v.vmdk', diskMode: 'persistent', uuid: '6000C29f-9' };

const config: VimObject = {
  $type: 'VirtualMachineConfigInfo',
  changeVersion: '2026',
  name: 'old name',
  version: 'vmx-19',
  uuid: 'bios-1',
  instanceUuid: 'instance-1',
  guestId: 'debian12_64Guest',
  annotation: '<b>',
  firmware: 'efi',
  locationId: 'x',
  sevEnabled: false,
  noveltyOfNextYear: 'x',
  changeTrackingEnabled: true,
  bootOptions: {
    efiSecureBootEnabled: true,
    bootOrder: [{ $type: 'VirtualMachineBootOptionsBootableDiskDevice', deviceKey: 2000 }],
  },
  defaultPowerOps: { powerOffType: 'soft' },
  cpuFeatureMask: [{ level: 1, eax: '----' }],
  extraConfig: [
    { key: 'disk.EnableUUID', value: 'TRUE' },
    { key: 'nvram', value: 'v.nvram' },
    { key: 'scsi0:0.ctkEnabled', value: 'TRUE' },
    { key: 'ctkEnabled', value: 'TRUE' },
    { key: 'coldframe.marker', value: 'of another time' },
    { key: 'migrate.hostlog', value: 'x' },
  ],
  hardware: {
    numCPU: 2,
    numCoresPerSocket: 1,
    memoryMB: 2048,
    device: [
      { $type: 'VirtualIDEController', key: 200, busNumber: 0 },
      { $type: 'VirtualPCIController', key: 100, busNumber: 0 },
      { $type: 'VirtualKeyboard', key: 600, controllerKey: 300 },
      { $type: 'VirtualMachineVideoCard', key: 500 },
      {
        $type: 'ParaVirtualSCSIController',
        key: 1000,
        busNumber: 0,
        device: [2000, 2001],
        sharedBus: 'noSharing',
        unitNumber: 3,
        controllerKey: 100,
        deviceInfo: { label: 'SCSI controller 0', summary: '' },
      },
      {
        $type: 'VirtualDisk',
        key: 2000,
        controllerKey: 1000,
        unitNumber: 0,
        capacityInKB: 1,
        diskObjectId: '1-2000',
        backing: {
          $type: 'VirtualDiskFlatVer2BackingInfo',
          ...base,
          changeId: 'c/1',
          deltaDiskFormat: 'redoLogFormat',
          parent: {
            $type: 'VirtualDiskFlatVer2BackingInfo',
            ...base,
            eagerlyScrub: true,
            thinProvisioned: false,
          },
        },
      },
      {
        $type: 'VirtualDisk',
        key: 2001,
        controllerKey: 1000,
        unitNumber: 1,
        capacityInKB: 1,
        backing: { $type: 'VirtualDiskSeSparseBackingInfo', ...base },
      },
      {
        $type: 'VirtualDisk',
        key: 2002,
        controllerKey: 1000,
        unitNumber: 2,
        capacityInKB: 1,
        backing: { $type: 'VirtualDiskFlatVer2BackingInfo', ...base },
      },
      {
        $type: 'VirtualCdrom',
        key: 3000,
        controllerKey: 200,
        unitNumber: 0,
        backing: { $type: 'VirtualCdromIsoBackingInfo', fileName: '[iso] a.iso' },
      },
      {
        $type: 'VirtualVmxnet3',
        key: 4000,
        controllerKey: 100,
        unitNumber: 7,
        macAddress: '00:50:56:aa:bb:cc',
        addressType: 'assigned',
        slotInfo: { $type: 'VirtualDevicePciBusSlotInfo', pciSlotNumber: 192 },
        backing: { $type: 'VirtualEthernetCardNetworkBackingInfo', deviceName: 'LAN' },
        connectable: { startConnected: true, allowGuestControl: true, connected: true },
      },
      {
        $type: 'VirtualPCIPassthrough',
        key: 13000,
        deviceInfo: { label: 'PCI device 0', summary: '' },
      },
      { $type: 'VirtualTPM', key: 11000 },
      { $type: 'DeviceOfNextYear', key: 99000, deviceInfo: { label: 'Novelty 1', summary: '' } },
    ],
  },
};

const options = {
  apiVersion: '7.0',
  keepIdentity: false,
  disks: [
    { key: 2000, capacityBytes: 2048 },
    { key: 2001, capacityBytes: 4096 },
  ],
  networkBacking: () => ({ $type: 'VirtualEthernetCardNetworkBackingInfo', deviceName: 'DMZ' }),
};

function devices(specs: readonly VimObject[]): readonly VimValue[] {
  return specs.map((spec) => at(spec, 'device')!);
}

test('what makes the VM comes along, what belongs to its past does not', () => {
  const spec = configSpec(config, { name: 'new', apiVersion: '7.0', keepIdentity: false });
  assert.equal(spec['name'], 'new');
  assert.equal(spec['numCPUs'], 2);
  assert.equal(spec['memoryMB'], 2048);
  assert.equal(spec['firmware'], 'efi');
  assert.deepEqual(spec['bootOptions'], { efiSecureBootEnabled: true });
  assert.deepEqual(spec['powerOpInfo'], { powerOffType: 'soft' });
  assert.deepEqual(spec['cpuFeatureMask'], [{ operation: 'add', info: { level: 1, eax: '----' } }]);
  assert.deepEqual(spec['extraConfig'], [{ key: 'disk.EnableUUID', value: 'TRUE' }]);
  for (const field of [
    'uuid',
    'instanceUuid',
    'changeVersion',
    'locationId',
    'changeTrackingEnabled',
    'noveltyOfNextYear',
    'sevEnabled',
  ])
    assert.equal(spec[field], undefined, field);
  const same = configSpec(config, { name: 'old', apiVersion: '7.0', keepIdentity: true });
  assert.equal(same['uuid'], 'bios-1');
  assert.equal(same['instanceUuid'], 'instance-1');
  assert.equal(
    configSpec(config, { name: 'n', apiVersion: '8.0.0.0', keepIdentity: false })['sevEnabled'],
    false,
  );
});

test('devices of the server are not added; the others refer to each other by new keys', () => {
  const { deviceChange } = deviceSpecs(config, options);
  const added = devices(deviceChange);
  assert.deepEqual(added.map(typeOf), [
    'ParaVirtualSCSIController',
    'VirtualDisk',
    'VirtualDisk',
    'VirtualCdrom',
    'VirtualVmxnet3',
  ]);
  const [controller, first, , cdrom] = added;
  assert.ok(numberAt(controller, 'key')! < 0);
  assert.equal(numberAt(first, 'controllerKey'), numberAt(controller, 'key'));
  assert.equal(at(controller, 'device'), undefined);
  assert.equal(at(controller, 'unitNumber'), undefined);
  assert.equal(numberAt(cdrom, 'controllerKey'), 200, 'the IDE controller keeps its key');
  assert.equal(textAt(cdrom, 'backing.fileName'), undefined, 'no ISO of the old place');
});

test('disks are created empty, in their size, thin or thick as the base was', () => {
  const { deviceChange } = deviceSpecs(config, options);
  const disks = deviceChange.filter((spec) => typeOf(at(spec, 'device')) === 'VirtualDisk');
  assert.deepEqual(
    disks.map((spec) => at(spec, 'fileOperation')),
    ['create', 'create'],
  );
  const [thick, thin] = devices(disks);
  assert.deepEqual(at(thick, 'backing'), {
    $type: 'VirtualDiskFlatVer2BackingInfo',
    fileName: '',
    diskMode: 'persistent',
    thinProvisioned: false,
    eagerlyScrub: true,
  });
  assert.equal(numberAt(thick, 'capacityInBytes'), 2048);
  assert.equal(at(thick, 'diskObjectId'), undefined);
  assert.equal(at(thin, 'backing.thinProvisioned'), true);
  assert.equal(numberAt(thin, 'unitNumber'), 1);
});

test('a copy gets a MAC address of its own and stays off the network', () => {
  const card = devices(deviceSpecs(config, options).deviceChange).at(-1);
  assert.equal(textAt(card, 'macAddress'), undefined);
  assert.equal(textAt(card, 'backing.deviceName'), 'DMZ');
  assert.equal(at(card, 'connectable.startConnected'), false);
  assert.equal(at(card, 'slotInfo'), undefined);
  const same = devices(deviceSpecs(config, { ...options, keepIdentity: true }).deviceChange).find(
    (device) => typeOf(device) === 'VirtualVmxnet3',
  );
  assert.equal(textAt(same, 'macAddress'), '00:50:56:aa:bb:cc');
  assert.equal(at(same, 'connectable.startConnected'), true);
  assert.equal(numberAt(same, 'slotInfo.pciSlotNumber'), 192);
});

test('what cannot be brought back is named with the reason', () => {
  const { left } = deviceSpecs(config, options);
  assert.deepEqual(
    left.map(({ label }) => label),
    ['PCI device 0', 'VirtualTPM', 'Novelty 1'],
  );
  for (const { reason } of left) assert.match(reason, /\w/);
  const again = deviceSpecs(config, { ...options, keepIdentity: true });
  assert.deepEqual(again.left, left, 'a virtual TPM is of no use even to the same VM');
});

test('disks go to the datastores that are wanted, as thick as is wanted', () => {
  const [first, second] = options.disks;
  const disks = [
    { ...first!, datastoreName: 'fast', provisioning: 'thick-eager' } as const,
    { ...second!, provisioning: 'thin' } as const,
  ];
  const made = devices(deviceSpecs(config, { ...options, disks }).deviceChange)
    .filter((device) => typeOf(device) === 'VirtualDisk')
    .map((device) => [
      textAt(device, 'backing.fileName'),
      at(device, 'backing.thinProvisioned'),
      at(device, 'backing.eagerlyScrub'),
    ]);
  assert.deepEqual(made, [
    ['[fast]', false, true],
    ['', true, undefined],
  ]);
});

test('MAC addresses and connections can be kept without the identity', () => {
  const card = (change: object): VimValue =>
    devices(deviceSpecs(config, { ...options, ...change }).deviceChange).find(
      (device) => typeOf(device) === 'VirtualVmxnet3',
    )!;
  assert.equal(textAt(card({}), 'macAddress'), undefined);
  assert.match(textAt(card({ keepMacAddresses: true }), 'macAddress') ?? '', /^00:50:56/);
  assert.equal(at(card({ keepMacAddresses: true }), 'connectable.startConnected'), false);
  assert.equal(at(card({ connectNetworks: true }), 'connectable.startConnected'), true);
});

test('the whole specification passes the strict encoder', () => {
  const spec = configSpec(config, { name: 'n', apiVersion: '7.0', keepIdentity: true });
  const { deviceChange } = deviceSpecs(config, { ...options, keepIdentity: true });
  const parameters = {
    _this: { type: 'Folder', value: 'group-v1' },
    config: { ...spec, deviceChange, files: { vmPathName: '[ds]' } },
    pool: { type: 'ResourcePool', value: 'r-1' },
  };
  assert.match(
    encodeRequest('CreateVM_Task', parameters, '7.0'),
    /<annotation>&lt;b&gt;<\/annotation>/,
  );
});

test('conforming keeps known sub-types and drops what the server does not know', () => {
  const kept = conform(
    {
      backing: { $type: 'UnknownBacking', fileName: 'x' },
      key: 1,
      numaNode: 3,
      capacityInKB: 1,
      junk: true,
    },
    'VirtualDisk',
    '7.0',
  );
  assert.deepEqual(kept, { key: 1, backing: {}, capacityInKB: 1 });
  assert.deepEqual(
    listAt(
      conform({ extraConfig: { key: 'a', value: 'b' } }, 'VirtualMachineConfigSpec', '7.0'),
      'extraConfig',
    ),
    [{ key: 'a', value: 'b' }],
  );
});
