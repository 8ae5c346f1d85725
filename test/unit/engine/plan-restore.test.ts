import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { VmDetails } from '#core/vm.ts';
import { requireOverwritable } from '#engine/plan-restore.ts';
import { sampleVm } from '#test/support/sample-vm.ts';

const allowed = { kind: 'in-place', powerOff: true } as const;
const snapshot = {
  moref: 'snapshot-1',
  name: 'before update',
  description: '',
  createdAtMs: 0,
  children: [],
};

suite('a VM that must not be overwritten', () => {
  const refusals: readonly (readonly [Partial<VmDetails>, RegExp])[] = [
    [{ connectionState: 'disconnected' }, /reports it as "disconnected"/],
    [{ powerState: 'suspended' }, /is suspended/],
    [{ snapshots: [snapshot] }, /has snapshots/],
    [{ consolidationNeeded: true }, /need consolidation/],
  ];
  for (const [change, message] of refusals)
    test(JSON.stringify(change), () => {
      assert.throws(() => requireOverwritable(sampleVm(change), allowed, undefined), {
        code: 'not-eligible',
        message,
      });
    });

  test('one that runs, unless it may be powered off', () => {
    const target = { ...allowed, powerOff: false };
    assert.throws(() => requireOverwritable(sampleVm(), target, undefined), /is running/);
    requireOverwritable(sampleVm({ powerState: 'poweredOff' }), target, undefined);
    requireOverwritable(sampleVm(), allowed, undefined);
  });

  test('the appliance itself', () => {
    assert.throws(() => requireOverwritable(sampleVm(), allowed, sampleVm()), /appliance itself/);
  });
});
