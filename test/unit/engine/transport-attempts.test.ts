import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import type { TransportFacts } from '#core/transport-plan.ts';
import { TransportAttempts } from '#engine/transport-attempts.ts';
import { sampleDisk, sampleVm } from '#test/support/sample-vm.ts';

const facts: TransportFacts = {
  policy: ['hotadd-vddk', 'hotadd-own', 'nbdssl'],
  vddkVersion: '8.0.3',
  appliance: sampleVm({ identity: { ...sampleVm().identity, moref: 'vm-1' } }),
  vm: sampleVm(),
  purpose: 'backup',
};
const disks = [
  { label: 'scsi0-0', disk: sampleDisk() },
  { label: 'scsi0-1', disk: sampleDisk({ label: 'Hard disk 2' }) },
];

function notOpened(labels: readonly string[]): ColdframeError {
  return new ColdframeError('disk', 'error 13', { details: { stage: 'open', labels } });
}

function choices(attempts: TransportAttempts): readonly string[] {
  return attempts.choose().map(({ choice }) => choice);
}

suite('transport attempts', () => {
  test('only the disk that failed goes on to its next transport, with the reason', () => {
    const attempts = new TransportAttempts(disks, facts, 'warn');
    assert.deepEqual(choices(attempts), ['hotadd-vddk', 'hotadd-vddk']);
    attempts.strike(notOpened(['scsi0-1']));
    assert.deepEqual(choices(attempts), ['hotadd-vddk', 'hotadd-own']);
    assert.equal(attempts.choose()[1]?.reason, 'hotadd-vddk failed: error 13');
    assert.deepEqual(attempts.warnings, [
      'Hard disk 2 goes by hotadd-own, because hotadd-vddk failed: error 13',
    ]);
  });

  test('an error that names no disk is about all of them', () => {
    const attempts = new TransportAttempts(disks, facts, 'warn');
    attempts.strike(notOpened([]));
    assert.deepEqual(choices(attempts), ['hotadd-own', 'hotadd-own']);
  });

  test('the last transport is not struck: its error is the result', () => {
    const attempts = new TransportAttempts(disks, { ...facts, policy: ['nbdssl'] }, 'warn');
    const error = notOpened(['scsi0-0']);
    assert.throws(() => attempts.strike(error), error);
  });

  test('a policy without fallback', () => {
    const attempts = new TransportAttempts(disks, facts, 'fail');
    const error = notOpened(['scsi0-0']);
    assert.throws(() => attempts.strike(error), error);
  });

  test('an error after bytes were moved is no reason for another transport', () => {
    const attempts = new TransportAttempts(disks, facts, 'warn');
    const error = new ColdframeError('disk', 'read failed');
    assert.throws(() => attempts.strike(error), error);
    assert.deepEqual(choices(attempts), ['hotadd-vddk', 'hotadd-vddk']);
  });

  test('a disk that nothing reaches is told with every reason', () => {
    assert.throws(
      () =>
        new TransportAttempts(
          disks,
          { ...facts, vddkVersion: undefined, appliance: undefined },
          'warn',
        ),
      { code: 'not-eligible', message: /hotadd-own: the appliance is not.*nbdssl: no VDDK/ },
    );
  });
});
