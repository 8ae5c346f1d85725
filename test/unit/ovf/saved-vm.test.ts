import assert from 'node:assert/strict';
import { test } from 'node:test';

import { savedVm } from '#ovf/saved-vm.ts';

test('what an OVF says of a VM is taken from its saved configuration', () => {
  const device = [
    { $type: 'VirtualIDEController', key: 200 },
    { $type: 'ParaVirtualSCSIController', key: 1000 },
    { $type: 'VirtualDisk', key: 2000, deviceInfo: { label: 'Hard disk 1' } },
    { $type: 'VirtualCdrom', key: 3000 },
    {
      $type: 'VirtualVmxnet3',
      key: 4000,
      backing: {
        $type: 'VirtualEthernetCardNetworkBackingInfo',
        deviceName: 'VM Network',
      },
    },
    {
      $type: 'VirtualE1000e',
      key: 4001,
      backing: {
        $type: 'VirtualEthernetCardDistributedVirtualPortBackingInfo',
        port: { portgroupKey: 'dvportgroup-7', switchUuid: 'x' },
      },
    },
    { $type: 'VirtualTPM', key: 11_000, deviceInfo: { label: 'Virtual TPM' } },
    { $type: 'VirtualPCIPassthrough', key: 13_000 },
  ];
  const config = {
    $type: 'VirtualMachineConfigInfo',
    guestId: 'debian12_64Guest',
    version: 'vmx-21',
    firmware: 'efi',
    bootOptions: { efiSecureBootEnabled: true },
    hardware: { numCPU: 4, numCoresPerSocket: 2, memoryMB: 8192, device },
  };
  const place = { networks: [{ moref: 'dvportgroup-7', name: 'Backup & more' }] };
  assert.deepEqual(savedVm(config, place), {
    cpus: 4,
    coresPerSocket: 2,
    memoryMiB: 8192,
    guestId: 'debian12_64Guest',
    firmware: 'efi',
    secureBoot: true,
    hardwareVersion: 21,
    networkCards: [
      { kind: 'VmxNet3', network: 'VM Network' },
      { kind: 'E1000e', network: 'Backup & more' },
    ],
    leftOut: ['Virtual TPM', 'VirtualPCIPassthrough'],
  });
});

test('a sparse configuration gets what every VM has; what is none is refused', () => {
  const vm = savedVm({ hardware: {} }, undefined);
  assert.deepEqual([vm.cpus, vm.firmware, vm.networkCards], [1, 'bios', []]);
  assert.throws(() => savedVm({}, {}));
  assert.throws(() => savedVm({ hardware: { numCPU: 'many' } }, {}));
});
