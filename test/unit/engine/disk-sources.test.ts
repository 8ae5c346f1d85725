import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { BackupPlan } from '#core/backup-plan.ts';
import { ColdframeError, type ErrorCode } from '#core/error.ts';
import { findDiskSources } from '#engine/disk-sources.ts';
import type { EngineContext, VsphereConnection } from '#engine/ports.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { sampleDisk } from '#test/support/sample-vm.ts';

const plan: BackupPlan = {
  kind: 'incremental',
  parent: sampleRestorePoint({ id: 'p', createdAtMs: 1 }),
  disks: [
    {
      disk: sampleDisk(),
      label: 'scsi0-0',
      mode: 'incremental',
      reason: 'changes are known',
      sinceChangeId: '52 12 c4/8',
    },
  ],
  skipped: [],
};

/** What becomes of an incremental disk when the query for its changes ends like this. */
function sourcesWhen(failed: Error) {
  const silent = (): void => undefined;
  const log = { info: silent, warn: silent, error: silent };
  const connection: Partial<VsphereConnection> = { changedAreas: () => Promise.reject(failed) };
  return findDiskSources(
    { log } as Partial<EngineContext> as EngineContext,
    {
      connection: connection as VsphereConnection,
      vmMoref: 'vm-1',
      snapshotMoref: 'snapshot-1',
      plan,
    },
    new AbortController().signal,
  );
}

function failure(code: ErrorCode, details: Readonly<Record<string, unknown>> = {}) {
  return new ColdframeError(code, 'It was refused.', { details });
}

suite('a disk is read whole on any doubt about its changes', () => {
  const doubts: readonly (readonly [string, ColdframeError])[] = [
    ['FileFault', failure('vsphere-fault', { fault: 'FileFault' })],
    ['SystemError', failure('vsphere-fault', { fault: 'SystemError' })],
    ['InvalidArgument', failure('vsphere-fault', { fault: 'InvalidArgument' })],
    ['a tracking file that is gone', failure('not-found', { fault: 'FileNotFound' })],
    ['a tracking file that is locked', failure('busy', { fault: 'FileLocked' })],
    ['areas that cannot be', failure('vsphere-fault', { implausible: 'area 1+2' })],
    ['areas that overlap', failure('invalid-input')],
  ];
  for (const [name, error] of doubts)
    test(name, async () => {
      const { plan: found, sources, expectedBytes } = await sourcesWhen(error);
      assert.equal(found.kind, 'full');
      assert.equal(found.parent, null);
      assert.match(sources[0]!.plan.reason, /does not know what changed .*It was refused/);
      assert.equal(expectedBytes, sampleDisk().capacityBytes);
    });
});

suite('what says nothing about the disk ends the task', () => {
  const others: readonly Error[] = [
    failure('unreachable', { method: 'QueryChangedDiskAreas' }),
    failure('unreachable', { fault: 'HostNotConnected' }),
    failure('timeout'),
    failure('no-permission', { fault: 'NoPermission' }),
    failure('login-refused', { fault: 'InvalidLogin' }),
    failure('not-found', { fault: 'ManagedObjectNotFound' }),
    failure('cancelled'),
    new Error('a mistake of ours'),
  ];
  for (const error of others)
    test(
      error instanceof ColdframeError ? `${error.code} ${JSON.stringify(error.details)}` : 'a bug',
      () => assert.rejects(sourcesWhen(error), (thrown) => thrown === error),
    );
});
