import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { JournalEntryOf } from '#core/journal.ts';
import type { AttachedDisk } from '#core/vm.ts';
import { disksOfEntry, newerUser } from '#engine/disks-of-entry.ts';

const base = '[ds] a/a.vmdk';

function entry(
  change: Partial<Omit<JournalEntryOf<'attach'>, 'detail'>> &
    Partial<JournalEntryOf<'attach'>['detail']>,
): JournalEntryOf<'attach'> {
  const { id = 'e1', taskId = 'old', createdAtMs = 1, vmMoref = 'vm-1', files = [base] } = change;
  const { deviceKeys } = change;
  return {
    id,
    taskId,
    kind: 'attach',
    endpointId: 'endpoint1',
    marker: id,
    state: deviceKeys === undefined ? 'intended' : 'done',
    createdAtMs,
    updatedAtMs: createdAtMs,
    detail: {
      applianceMoref: 'vm-9',
      vmMoref,
      files,
      ...(deviceKeys === undefined ? {} : { deviceKeys }),
    },
  };
}

function disk(key: number, fileName = base, parents: readonly string[] = []): AttachedDisk {
  return { key, fileName, parents, uuid: '', capacityBytes: 1, bus: 1, unit: key - 2000 };
}

const keys = (disks: readonly AttachedDisk[]): number[] => disks.map(({ key }) => key);

suite('the disks of an attach entry', () => {
  test('are those of its files, also behind a redo log', () => {
    const attached = [disk(2001), disk(2002, '[ds] x.vmdk'), disk(2003, '[ds] redo', [base])];
    assert.deepEqual(keys(disksOfEntry(entry({}), { attached, open: [] })), [2001, 2003]);
  });

  test('are those with its device keys once it has them, which the journal knows', () => {
    const known = entry({ deviceKeys: [2003] });
    const ground = { attached: [disk(2001), disk(2003)], open: [known] };
    assert.deepEqual(keys(disksOfEntry(entry({}), ground)), [2003]);
  });

  test('are not what a newer task has attached of the same VM', () => {
    const newer = entry({ id: 'e2', taskId: 'new', createdAtMs: 2, deviceKeys: [2001] });
    const ground = { attached: [disk(2001)], open: [entry({}), newer] };
    assert.deepEqual(disksOfEntry(entry({}), ground), []);
    assert.deepEqual(keys(disksOfEntry(newer, ground)), [2001]);
  });

  test('are not those of a clone that shares the parent', () => {
    const clone = '[ds] b/b.vmdk';
    const other = entry({
      id: 'e2',
      taskId: 't2',
      createdAtMs: 0,
      vmMoref: 'vm-2',
      files: [clone],
    });
    const ground = { attached: [disk(2001, clone, [base])], open: [other, entry({})] };
    assert.deepEqual(disksOfEntry(entry({}), ground), []);
    assert.deepEqual(keys(disksOfEntry(other, ground)), [2001]);
  });

  test('are ours when an old entry of another VM only has the same device key', () => {
    const stale = entry({
      id: 'e0',
      taskId: 't0',
      vmMoref: 'vm-2',
      files: ['[ds] z'],
      deviceKeys: [2001],
    });
    const ground = { attached: [disk(2001)], open: [stale, entry({})] };
    assert.deepEqual(keys(disksOfEntry(entry({}), ground)), [2001]);
  });
});

test('traces of VDDK wait for a newer task at the same VM, not for an older one', () => {
  const own = { ...entry({}), kind: 'vddk-access', detail: { vmMoref: 'vm-1' } } as const;
  const at = (createdAtMs: number) => entry({ id: 'e2', taskId: 'new', createdAtMs });
  assert.equal(newerUser(own, [at(2)])?.id, 'e2');
  assert.equal(newerUser(own, [at(0)]), undefined);
});
