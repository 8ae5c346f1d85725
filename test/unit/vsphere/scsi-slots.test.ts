import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planSlots } from '#vsphere/scsi-slots.ts';
import type { VimObject } from '#vsphere/value.ts';

function controller(
  bus: number,
  type = 'ParaVirtualSCSIController',
  sharedBus = 'noSharing',
): VimObject {
  return { $type: type, key: 1000 + bus, busNumber: bus, sharedBus };
}

function disk(bus: number, unit: number): VimObject {
  return {
    $type: 'VirtualDisk',
    key: 2000 + 16 * bus + unit,
    controllerKey: 1000 + bus,
    unitNumber: unit,
  };
}

function places(devices: readonly VimObject[], count: number): readonly string[] {
  return planSlots(devices, count).slots.map(({ bus, unit }) => `${bus}:${unit}`);
}

test('the first controller is left alone when there is another', () => {
  assert.deepEqual(places([controller(1), controller(0), disk(0, 0)], 2), ['1:0', '1:1']);
});

test('unit 7 is the controller itself, and taken units are passed over', () => {
  const taken = [disk(1, 0), disk(1, 1), disk(1, 3), disk(1, 5), disk(1, 6)];
  assert.deepEqual(places([controller(0), controller(1), ...taken], 4), [
    '1:2',
    '1:4',
    '1:8',
    '1:9',
  ]);
});

test('a lone PVSCSI controller is used, and another is added when it is full', () => {
  const plan = planSlots([controller(0), disk(0, 0)], 16);
  assert.deepEqual(plan.added, [{ key: -1, bus: 1 }]);
  assert.deepEqual(plan.slots[0], { controllerKey: 1000, bus: 0, unit: 1 });
  assert.deepEqual(plan.slots[14], { controllerKey: -1, bus: 1, unit: 0 });
});

test('controllers of other kinds and shared buses are not used', () => {
  const devices = [
    controller(0, 'VirtualLsiLogicController'),
    controller(1, 'ParaVirtualSCSIController', 'physicalSharing'),
  ];
  assert.deepEqual(places(devices, 1), ['2:0']);
  assert.deepEqual(places([{ $type: 'VirtualIDEController', key: 200, busNumber: 0 }], 1), ['0:0']);
});

test('four controllers hold 45 disks beside the first, and no more', () => {
  const devices = [0, 1, 2, 3].map((bus) => controller(bus));
  const plan = planSlots(devices, 45);
  assert.equal(new Set(plan.slots.map(({ bus, unit }) => `${bus}:${unit}`)).size, 45);
  assert.deepEqual(plan.added, []);
  assert.throws(() => planSlots(devices, 46), {
    code: 'busy',
    message: /room for 45 more disks.*46 are needed/,
  });
});
