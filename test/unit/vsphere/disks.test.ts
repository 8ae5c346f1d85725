import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disksOf } from '#vsphere/disks.ts';
import type { VimObject } from '#vsphere/value.ts';

function configOf(backing: VimObject, controller: VimObject = {}): VimObject {
  return {
    hardware: {
      device: [
        {
          $type: 'ParaVirtualSCSIController',
          key: 1000,
          busNumber: 2,
          sharedBus: 'noSharing',
          ...controller,
        },
        {
          $type: 'VirtualDisk',
          key: 2003,
          deviceInfo: { label: 'Hard disk 4', summary: '' },
          backing,
          controllerKey: 1000,
          unitNumber: 3,
          capacityInKB: 1024,
        },
        { $type: 'VirtualCdrom', key: 3000 },
      ],
    },
  };
}

const flat: VimObject = {
  $type: 'VirtualDiskFlatVer2BackingInfo',
  fileName: '[a] v/v.vmdk',
  datastore: { type: 'Datastore', value: 'datastore-1' },
  diskMode: 'persistent',
  thinProvisioned: true,
  uuid: '6000C29f-1',
};

test('a disk is described with controller, capacity and chain', () => {
  const delta = {
    $type: 'VirtualDiskFlatVer2BackingInfo',
    fileName: '[a] v/v-000002.vmdk',
    diskMode: 'persistent',
    changeId: '52 aa/7',
    uuid: '6000C29f-1',
    parent: { ...flat, fileName: '[a] v/v-000001.vmdk', thinProvisioned: false, parent: flat },
  };
  const [disk] = disksOf(configOf(delta));
  assert.deepEqual(disk, {
    key: 2003,
    label: 'Hard disk 4',
    capacityBytes: 1024 * 1024,
    uuid: '6000C29f-1',
    backing: {
      kind: 'flat',
      fileName: '[a] v/v-000002.vmdk',
      datastoreMoref: '',
      mode: 'persistent',
      thin: true,
      eagerlyScrub: false,
      sharing: false,
      parents: ['[a] v/v-000001.vmdk', '[a] v/v.vmdk'],
    },
    controller: { kind: 'pvscsi', key: 1000, bus: 2, unit: 3, sharedBus: false },
    changeId: '52 aa/7',
  });
});

test('every kind of backing is told apart', () => {
  const kinds: readonly (readonly [string, VimObject, string])[] = [
    ['VirtualDiskFlatVer1BackingInfo', {}, 'flat'],
    ['VirtualDiskSeSparseBackingInfo', {}, 'sesparse'],
    ['VirtualDiskSparseVer2BackingInfo', {}, 'sparse'],
    [
      'VirtualDiskRawDiskMappingVer1BackingInfo',
      { compatibilityMode: 'virtualMode' },
      'rdm-virtual',
    ],
    [
      'VirtualDiskRawDiskMappingVer1BackingInfo',
      { compatibilityMode: 'physicalMode' },
      'rdm-physical',
    ],
    ['VirtualDiskRawDiskMappingVer1BackingInfo', {}, 'rdm-physical'],
    ['VirtualDiskLocalPMemBackingInfo', {}, 'other'],
    ['SomethingOfNextYear', {}, 'other'],
  ];
  for (const [$type, parts, kind] of kinds)
    assert.equal(disksOf(configOf({ $type, ...parts }))[0]!.backing.kind, kind, $type);
  assert.equal(
    disksOf(configOf({ $type: 'VirtualDiskSeSparseBackingInfo' }))[0]!.backing.thin,
    true,
  );
});

test('sharing of buses and disks is seen', () => {
  const [shared] = disksOf(
    configOf({ ...flat, sharing: 'sharingMultiWriter' }, { sharedBus: 'virtualSharing' }),
  );
  assert.equal(shared!.backing.sharing, true);
  assert.equal(shared!.controller.sharedBus, true);
});

test('controllers of every family have their kind', () => {
  const kinds = {
    VirtualLsiLogicController: 'lsilogic',
    VirtualLsiLogicSASController: 'lsilogic-sas',
    VirtualBusLogicController: 'buslogic',
    VirtualAHCIController: 'sata',
    VirtualNVMEController: 'nvme',
    VirtualIDEController: 'ide',
    Unheard: 'other',
  };
  for (const [$type, kind] of Object.entries(kinds))
    assert.equal(disksOf(configOf(flat, { $type }))[0]!.controller.kind, kind, $type);
});
