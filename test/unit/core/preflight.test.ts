import assert from 'node:assert/strict';
import { test } from 'node:test';

import { preflightBackup } from '#core/preflight.ts';
import type { VmDetails } from '#core/vm.ts';
import { sampleDisk, sampleVm } from '#test/support/sample-vm.ts';

const independent = sampleDisk({
  backing: { ...sampleDisk().backing, mode: 'independent_persistent' },
});

const cases: readonly [Partial<VmDetails>, readonly string[]][] = [
  [{}, []],
  [{ connectionState: 'disconnected' }, ['blocks not-connected']],
  [{ consolidationNeeded: true }, ['blocks consolidation-needed']],
  [{ question: 'Is it a copy?' }, ['blocks question']],
  [{ faultToleranceOn: true }, ['blocks fault-tolerance']],
  [{ template: true }, ['degrades template']],
  [{ toolsRunning: false }, ['degrades no-tools']],
  [{ toolsRunning: false, powerState: 'poweredOff' }, []],
  [{ changeTrackingSupported: false }, ['degrades no-change-tracking']],
  [{ disks: [sampleDisk(), independent] }, ['degrades disk-not-protected']],
  [{ disks: [independent] }, ['degrades disk-not-protected', 'blocks nothing-to-protect']],
  [{ disks: [] }, ['blocks nothing-to-protect']],
  [{ snapshotsSupported: false }, ['blocks no-snapshots']],
  [{ snapshotsSupported: false, faultToleranceOn: true }, ['blocks fault-tolerance']],
  [{ encrypted: true }, ['informs encrypted']],
  [
    { extraConfig: new Map([['coldframe.unfinished-restore', 'p1']]) },
    ['blocks unfinished-restore'],
  ],
  [{ extraConfig: new Map([['coldframe.marker', 'coldframe:a:b']]) }, ['blocks unfinished-vm']],
  [{ extraConfig: new Map([['coldframe.marker', '']]) }, []],
];

for (const [overrides, expected] of cases)
  test(`preflight of ${JSON.stringify(overrides).slice(0, 60)}`, () => {
    const found = preflightBackup(sampleVm(overrides), 'vm-1');
    assert.deepEqual(
      found.map(({ effect, id }) => `${effect} ${id}`),
      expected,
    );
  });

test('the appliance does not back up itself', () => {
  const [finding] = preflightBackup(sampleVm(), 'vm-42');
  assert.equal(finding?.id, 'own-vm');
});
