import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  defaultTransportPolicy,
  planTransport,
  transportChoices,
  type TransportFacts,
} from '#core/transport-plan.ts';
import type { VmDisk } from '#core/vm.ts';
import { sampleDisk, sampleVm } from '#test/support/sample-vm.ts';

const appliance = sampleVm({ identity: { ...sampleVm().identity, moref: 'vm-1' } });
const facts: TransportFacts = {
  policy: defaultTransportPolicy,
  vddkVersion: '8.0.3',
  appliance,
  vm: sampleVm(),
  purpose: 'backup',
};

interface Case {
  readonly name: string;
  readonly facts?: Partial<TransportFacts>;
  readonly disk?: Partial<VmDisk>;
  readonly expected: readonly string[];
  readonly reason: RegExp;
}

const ide = { ...sampleDisk().controller, kind: 'ide' as const };
const cases: readonly Case[] = [
  {
    name: 'everything there',
    expected: ['hotadd-vddk', 'hotadd-own', 'nbdssl'],
    reason: /^first in the order of preference$/,
  },
  {
    name: 'no VDDK',
    facts: { vddkVersion: undefined },
    expected: ['hotadd-own'],
    reason: /not hotadd-vddk: no VDDK is installed/,
  },
  {
    name: 'appliance is not a VM of this endpoint',
    facts: { appliance: undefined },
    expected: ['nbdssl'],
    reason: /not hotadd-own: the appliance is not a VM/,
  },
  {
    name: 'another datacenter',
    facts: { vm: sampleVm({ datacenterMoref: 'datacenter-2' }) },
    expected: ['nbdssl'],
    reason: /another datacenter/,
  },
  { name: 'IDE', disk: { controller: ide }, expected: ['nbdssl'], reason: /IDE/ },
  {
    name: 'encrypted VM, plain appliance',
    facts: { vm: sampleVm({ encrypted: true }) },
    expected: ['nbdssl'],
    reason: /encrypted/,
  },
  {
    name: 'restore to a running VM',
    facts: { purpose: 'restore' },
    expected: ['nbdssl'],
    reason: /not powered off/,
  },
  {
    name: 'SAN inside a VM is ruled out',
    facts: { policy: ['san', 'nbd'] },
    expected: ['nbd'],
    reason: /not san: .*inside a VM/,
  },
  {
    name: 'SAN on a physical machine',
    facts: { policy: ['san', 'nbd'], appliance: undefined },
    expected: ['san', 'nbd'],
    reason: /first/,
  },
];

for (const each of cases)
  test(each.name, () => {
    const plan = planTransport(sampleDisk(each.disk), { ...facts, ...each.facts });
    assert.deepEqual(
      plan.candidates.map(({ choice }) => choice),
      each.expected,
    );
    assert.match(plan.candidates[0]!.reason, each.reason);
  });

test('every choice is either a candidate or ruled out with a reason', () => {
  const plan = planTransport(sampleDisk(), { ...facts, policy: transportChoices });
  assert.equal(plan.candidates.length + plan.ruledOut.length, transportChoices.length);
  assert.ok(plan.ruledOut.every(({ reason }) => reason.length > 10));
});

test('nothing left', () => {
  const plan = planTransport(sampleDisk(), {
    ...facts,
    vddkVersion: undefined,
    appliance: undefined,
  });
  assert.deepEqual(plan.candidates, []);
  assert.equal(plan.ruledOut.length, 3);
});
