import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { JournalEntry } from '#core/journal.ts';
import { findStrays, type StrayGround, type VmTraces } from '#core/strays.ts';
import type { SnapshotNode } from '#core/vm.ts';
import { sampleVm } from '#test/support/sample-vm.ts';

const dayMs = 24 * 3600 * 1000;
const { identity } = sampleVm();

function snapshot(description: string, ageDays = 0): SnapshotNode {
  const createdAtMs = 100 * dayMs - ageDays * dayMs;
  return { moref: 'snapshot-1', name: 'n', description, createdAtMs, children: [] };
}

function vm(change: Partial<VmTraces>): VmTraces {
  return { identity, snapshots: [], consolidationNeeded: false, marker: undefined, ...change };
}

function found(change: Partial<StrayGround>): readonly string[] {
  return findStrays({
    endpointId: 'e1',
    applianceId: 'me',
    nowMs: 100 * dayMs,
    foreignAfterDays: 7,
    vms: [],
    appliance: { ...identity, moref: 'vm-own' },
    attached: [],
    open: [],
    history: [],
    ...change,
  }).map(({ kind, release }) => `${kind} ${release}`);
}

function entry(kind: 'snapshot' | 'attach' | 'vddk-access', detail: object): JournalEntry {
  const times = { createdAtMs: 0, updatedAtMs: 0 };
  const who = { id: 'j1', taskId: 't1', endpointId: 'e1', marker: 'coldframe:me:j1' };
  return { ...who, ...times, kind, detail, state: 'done' } as JournalEntry;
}

const ofVm = entry('snapshot', { vmMoref: identity.moref, snapshotName: 'n' });

suite('snapshots', () => {
  const of = (node: SnapshotNode) => ({ vms: [vm({ snapshots: [node] })] });

  test('ours without an open entry, and only then', () => {
    assert.deepEqual(found(of(snapshot('Taken. coldframe:me:j1'))), ['snapshot ours']);
    assert.deepEqual(found({ ...of(snapshot('Taken. coldframe:me:j1')), open: [ofVm] }), []);
  });

  test('another appliance’s is told after a day and never ours', () => {
    assert.deepEqual(found(of(snapshot('coldframe:other:j1'))), []);
    assert.deepEqual(found(of(snapshot('coldframe:other:j1', 2))), ['other-appliance never']);
  });

  test('people’s are told when they are old', () => {
    assert.deepEqual(found(of(snapshot('', 6))), []);
    assert.deepEqual(found(of(snapshot('', 7))), ['foreign-snapshot never']);
    assert.deepEqual(found(of(snapshot('coldframe:me', 8))), ['foreign-snapshot never']);
  });

  test('below others are found too', () => {
    const nested = { ...snapshot(''), children: [snapshot('coldframe:me:j9')] };
    assert.deepEqual(found(of(nested)), ['snapshot ours']);
  });
});

suite('VMs', () => {
  test('an unfinished one of ours is released only when it is named', () => {
    const vms = [vm({ marker: 'coldframe:me:j1' })];
    assert.deepEqual(found({ vms }), ['unfinished-vm named']);
    assert.deepEqual(found({ vms, open: [ofVm] }), []);
    assert.deepEqual(found({ vms: [vm({ marker: 'coldframe:other:j1' })] }), []);
  });

  test('consolidation is ours when a snapshot of ours was there, and left to a running task', () => {
    const vms = [vm({ consolidationNeeded: true })];
    assert.deepEqual(found({ vms }), ['consolidation named']);
    assert.deepEqual(found({ vms, history: [ofVm] }), ['consolidation ours']);
    assert.deepEqual(found({ vms, open: [ofVm] }), []);
    const moved = entry('snapshot', { vmMoref: 'x', vmInstanceUuid: identity.instanceUuid });
    assert.deepEqual(found({ vms, history: [moved] }), ['consolidation ours']);
  });
});

suite('disks on the appliance', () => {
  const attached = [
    {
      key: 2016,
      fileName: '[ds] a/x_1.vmdk',
      parents: ['[ds] a/a.vmdk'],
      uuid: '',
      capacityBytes: 1,
      bus: 1,
      unit: 0,
    },
  ];
  const attach = entry('attach', {
    applianceMoref: 'vm-own',
    vmMoref: 'vm-1',
    files: ['[ds] a/a.vmdk'],
  });

  test('are ours when the journal has seen their file, also below a redo log', () => {
    assert.deepEqual(found({ attached, history: [attach] }), ['attached-disk ours']);
    assert.deepEqual(found({ attached, open: [attach] }), []);
  });

  test('others are released only when named, and not told while VDDK may be using them', () => {
    assert.deepEqual(found({ attached }), ['foreign-disk named']);
    assert.deepEqual(found({ attached, open: [entry('vddk-access', { vmMoref: 'vm-1' })] }), []);
    assert.deepEqual(found({ attached, appliance: undefined }), []);
  });
});
