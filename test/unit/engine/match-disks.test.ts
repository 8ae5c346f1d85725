import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { matchDisks } from '#engine/match-disks.ts';
import type { ArchivedDisk } from '#core/restore-point.ts';
import type { VmDisk } from '#core/vm.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { sampleDisk, sampleVm } from '#test/support/sample-vm.ts';

const [sample] = sampleRestorePoint({ id: 'p', createdAtMs: 1 }).header.disks;
const uuids = ['6000C290-0000-0000-0000-000000000001', '6000C290-0000-0000-0000-000000000002'];

function archived(unit: number, change: Partial<ArchivedDisk> = {}): ArchivedDisk {
  return { ...sample!, key: 2000 + unit, label: `scsi0-${unit}`, uuid: uuids[unit]!, ...change };
}

function present(unit: number, change: Partial<VmDisk> = {}): VmDisk {
  const controller = { ...sampleDisk().controller, unit };
  return sampleDisk({ key: 2000 + unit, uuid: uuids[unit]!, controller, ...change });
}

function keys(disks: readonly ArchivedDisk[], vmDisks: readonly VmDisk[]) {
  const targets = matchDisks(disks, sampleVm({ disks: vmDisks }));
  return Object.fromEntries([...targets].map(([label, { key }]) => [label, key]));
}

suite('where archived disks go back to', () => {
  test('by uuid, even when the slots were swapped', () => {
    const swapped = [present(0, { uuid: uuids[1]! }), present(1, { uuid: uuids[0]! })];
    assert.deepEqual(keys([archived(0), archived(1)], swapped), {
      'scsi0-0': 2001,
      'scsi0-1': 2000,
    });
  });

  test('by slot when the disk had no uuid', () => {
    const made = [present(0, { uuid: 'other-1' }), present(1, { uuid: 'other-2' })];
    assert.deepEqual(keys([archived(1, { uuid: '' })], made), { 'scsi0-1': 2001 });
  });

  test('never to another disk in the slot, whose file is named', () => {
    const precious = { ...sampleDisk().backing, fileName: '[other] precious.vmdk' };
    for (const uuid of ['6000c29f-ffff-ffff-ffff-ffffffffffff', ''])
      assert.throws(() => keys([archived(0)], [present(0, { uuid, backing: precious })]), {
        code: 'not-eligible',
        message:
          /it was \[\w+\] .+\.vmdk, and in its slot is another disk now, \[other\] precious\.vmdk/,
      });
  });

  test('to another disk when it was chosen, if it fits', () => {
    const others = [present(0, { uuid: 'x' }), present(1, { uuid: 'y', capacityBytes: 512 })];
    const vm = sampleVm({ disks: others });
    const to = (slot: string) => matchDisks([archived(0)], vm, { 'scsi0-0': slot });
    assert.equal(to('scsi0-0').get('scsi0-0')?.key, 2000);
    assert.throws(() => to('scsi0-1'), { message: /it had \d+ bytes and .* has 512/ });
    assert.throws(() => to('scsi0-9'), { message: /no such disk/ });
    assert.throws(() => matchDisks([archived(0)], vm, { 'scsi0-7': 'scsi0-0' }), {
      code: 'invalid-input',
      message: /chosen for disk scsi0-7, which is not restored/,
    });
    assert.throws(() => matchDisks([archived(0)], vm), {
      message: /choose it as the target of scsi0-0, or restore to a new VM/,
    });
  });

  test('by slot when the uuid is on several disks', () => {
    const copies = [present(0), present(1, { uuid: uuids[0]! })];
    assert.deepEqual(keys([archived(0)], copies), { 'scsi0-0': 2000 });
  });

  const backing = sampleDisk().backing;
  const refusals: readonly [string, readonly ArchivedDisk[], readonly VmDisk[], RegExp][] = [
    ['gone', [archived(1)], [present(0)], /no such disk any more/],
    ['resized', [archived(0)], [present(0, { capacityBytes: 512 })], /and Hard disk 1 has 512/],
    [
      'independent',
      [archived(0)],
      [present(0, { backing: { ...backing, mode: 'independent_persistent' } })],
      /is in mode independent_persistent/,
    ],
    [
      'shared',
      [archived(0)],
      [present(0, { backing: { ...backing, sharing: true } })],
      /shared with other VMs/,
    ],
    [
      'two to one',
      [archived(0), archived(1, { label: 'scsi0-0', uuid: '' })],
      [present(0)],
      /is the one of Hard disk 1 already/,
    ],
  ];
  for (const [name, disks, vmDisks, message] of refusals)
    test(`refused: ${name}`, () => {
      assert.throws(() => keys(disks, vmDisks), { code: 'not-eligible', message });
    });
});
