import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { planBackup } from '#core/backup-plan.ts';
import type { ArchivedDisk, RestorePoint } from '#core/restore-point.ts';
import type { VmDisk } from '#core/vm.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { sampleDisk } from '#test/support/sample-vm.ts';

function parentWith(change: Partial<ArchivedDisk> = {}): RestorePoint {
  const point = sampleRestorePoint({ id: 'point1', createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5) });
  const disk = { ...point.header.disks[0]!, label: 'scsi0-0', ...change };
  return { ...point, header: { ...point.header, disks: [disk] } };
}

function planOne(disk: VmDisk, parent: RestorePoint) {
  return planBackup({ snapshotDisks: [disk], vmDisks: [disk], parent: { point: parent } });
}

suite('plan of one disk', () => {
  test('changed blocks since the parent when nothing speaks against it', () => {
    const plan = planOne(sampleDisk(), parentWith());
    assert.equal(plan.kind, 'incremental');
    assert.equal(plan.parent?.header.id, 'point1');
    const [disk] = plan.disks;
    assert.ok(disk?.mode === 'incremental');
    assert.equal(disk.sinceChangeId, '52 12 c4/7');
    assert.equal(disk.reason, 'changed blocks since 2026-01-02T03:04:05.000Z');
  });

  test('the same position again is an incremental without changes', () => {
    assert.equal(planOne(sampleDisk({ changeId: '52 12 c4/7' }), parentWith()).kind, 'incremental');
  });

  test('how the tracker is written does not matter', () => {
    assert.equal(planOne(sampleDisk({ changeId: '52-12-C4/8' }), parentWith()).kind, 'incremental');
  });

  const { changeId: _, ...untracked } = sampleDisk();
  const doubts: readonly [string, VmDisk, RestorePoint, RegExp][] = [
    ['unknown to the parent', sampleDisk(), parentWith({ label: 'scsi0-1' }), /does not hold/],
    ['moved', sampleDisk({ key: 2016 }), parentWith(), /another controller/],
    ['exchanged', sampleDisk({ uuid: '6000C290-9' }), parentWith(), /another disk/],
    ['grown', sampleDisk({ capacityBytes: 17 * 1024 ** 3 }), parentWith(), /resized from/],
    ['untracked', untracked, parentWith(), /not active on this disk/],
    ['untracked before', sampleDisk(), parentWith({ changeId: null }), /at the restore point/],
    ['tracker changed', sampleDisk({ changeId: '52 13 c4/9' }), parentWith(), /was reset/],
    ['sequence fell', sampleDisk({ changeId: '52 12 c4/6' }), parentWith(), /earlier snapshot/],
    ['position "*"', sampleDisk({ changeId: '*' }), parentWith(), /not in a known form/],
  ];
  for (const [name, disk, parent, reason] of doubts)
    test(`full: ${name}`, () => {
      const plan = planOne(disk, parent);
      assert.equal(plan.kind, 'full');
      assert.equal(plan.parent, null);
      assert.equal(plan.disks[0]?.mode, 'full');
      assert.match(plan.disks[0].reason, reason);
    });

  test('full with the given reason when there is no parent', () => {
    const plan = planBackup({
      snapshotDisks: [sampleDisk()],
      vmDisks: [sampleDisk()],
      parent: { reason: 'first backup of this VM' },
    });
    assert.equal(plan.disks[0]?.reason, 'first backup of this VM');
  });
});

suite('plan of a VM', () => {
  test('one doubtful disk is full, the other stays incremental', () => {
    const other = sampleDisk({
      key: 2001,
      label: 'Hard disk 2',
      controller: { kind: 'pvscsi', key: 1000, bus: 0, unit: 1, sharedBus: false },
    });
    const plan = planBackup({
      snapshotDisks: [sampleDisk(), other],
      vmDisks: [sampleDisk(), other],
      parent: { point: parentWith() },
    });
    assert.equal(plan.kind, 'incremental');
    assert.deepEqual(
      plan.disks.map(({ label, mode }) => [label, mode]),
      [
        ['scsi0-0', 'incremental'],
        ['scsi0-1', 'full'],
      ],
    );
  });

  const backing = sampleDisk().backing;
  const controller = sampleDisk().controller;
  const gaps: readonly [Partial<VmDisk>, RegExp][] = [
    [{ backing: { ...backing, mode: 'independent_persistent' } }, /independent/],
    [{ backing: { ...backing, mode: 'independent_nonpersistent' } }, /independent/],
    [{ backing: { ...backing, kind: 'rdm-physical' } }, /raw device/],
    [{ backing: { ...backing, kind: 'other' } }, /does not know/],
    [{ backing: { ...backing, sharing: true } }, /multi-writer/],
    [{ controller: { ...controller, sharedBus: true } }, /shared SCSI bus/],
  ];
  for (const [overrides, reason] of gaps)
    test(`skipped: ${reason.source}`, () => {
      const left = sampleDisk({ key: 2001, ...overrides });
      const inSnapshot = planBackup({
        snapshotDisks: [sampleDisk(), left],
        vmDisks: [sampleDisk(), left],
        parent: { reason: 'x' },
      });
      const notInSnapshot = planBackup({
        snapshotDisks: [sampleDisk()],
        vmDisks: [sampleDisk(), left],
        parent: { reason: 'x' },
      });
      assert.match(inSnapshot.skipped[0]!.reason, reason);
      assert.deepEqual(notInSnapshot.skipped, inSnapshot.skipped);
      assert.equal(inSnapshot.disks.length, 1);
    });

  test('a disk that the snapshot lacks for no known reason is reported', () => {
    const plan = planBackup({
      snapshotDisks: [sampleDisk()],
      vmDisks: [sampleDisk(), sampleDisk({ key: 2001, label: 'Hard disk 2' })],
      parent: { reason: 'x' },
    });
    assert.deepEqual(plan.skipped, [
      {
        key: 2001,
        deviceLabel: 'Hard disk 2',
        reason: 'the snapshot does not contain this disk',
      },
    ]);
  });

  test('a virtual raw device mapping is backed up', () => {
    const disk = sampleDisk({ backing: { ...backing, kind: 'rdm-virtual' } });
    assert.equal(planOne(disk, parentWith()).disks.length, 1);
  });
});
