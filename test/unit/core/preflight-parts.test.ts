import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { preflightSnapshots } from '#core/preflight-snapshots.ts';
import { preflightNfs, preflightTransports } from '#core/preflight-transports.ts';
import { changedBytesPerHour, expectedGrowthBytes } from '#core/space.ts';
import { defaultTransportPolicy } from '#core/transport-plan.ts';
import type { SnapshotNode } from '#core/vm.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { sampleDisk, sampleVm } from '#test/support/sample-vm.ts';

const GiB = 1024 ** 3;
const dayMs = 24 * 3600 * 1000;

suite('snapshots that are there', () => {
  const node = (description = '', children: readonly SnapshotNode[] = []): SnapshotNode => ({
    moref: 's',
    name: 'n',
    description,
    createdAtMs: 0,
    children,
  });
  const found = (...nodes: SnapshotNode[]) =>
    preflightSnapshots(nodes, { applianceId: 'me', nowMs: 9 * dayMs });

  test('ours, those of another appliance, and those of people are told apart', () => {
    const all = found(
      node('by hand, mentions coldframe: nothing', [node('x coldframe:me:j1'), node()]),
      node('coldframe:other:j1'),
    );
    assert.deepEqual(
      all.map(({ effect, id }) => `${effect} ${id}`),
      ['informs own-snapshots', 'informs other-appliance-snapshots', 'informs snapshots'],
    );
    assert.match(all[2]!.text, /2 snapshots already, the oldest 9 days old/);
  });

  test('a full chain blocks', () => {
    let chain = node();
    for (let level = 1; level < 31; level += 1) chain = node('', [chain]);
    assert.deepEqual(
      found(chain).map(({ id }) => id),
      ['too-many-snapshots', 'snapshots'],
    );
    assert.equal(found(...chain.children)[0]!.id, 'snapshots');
  });
});

suite('transports', () => {
  const appliance = sampleVm({ hostMoref: 'host-2' });
  const ide = sampleDisk({ controller: { ...sampleDisk().controller, kind: 'ide' } });
  const found = (disk: typeof ide, vddkVersion: string | undefined, there = true) =>
    preflightTransports(sampleVm({ disks: [disk] }), {
      policy: defaultTransportPolicy,
      vddkVersion,
      appliance: there ? appliance : undefined,
    }).map(({ effect, id }) => `${effect} ${id}`);

  test('a disk that nothing reaches blocks; one that goes by the network is told', () => {
    assert.deepEqual(found(sampleDisk(), undefined), []);
    assert.deepEqual(found(ide, undefined), ['blocks no-transport']);
    assert.deepEqual(found(ide, '8.0.3'), ['informs no-hotadd']);
    assert.deepEqual(found(sampleDisk(), '8.0.3', false), ['informs no-hotadd']);
  });

  test('a disk that is not backed up is not asked about', () => {
    const independent = { ...ide.backing, mode: 'independent_persistent' } as const;
    assert.deepEqual(found({ ...ide, backing: independent }, undefined), []);
  });

  test('NFS 3 and the appliance on another host', () => {
    const nfs = { name: 'n', type: 'NFS' };
    const ids = (type: string, host: string | undefined) =>
      preflightNfs({ ...nfs, type }, { vm: 'host-1', appliance: host }).map(({ id }) => id);
    assert.deepEqual(ids('NFS', 'host-2'), ['nfs-other-host']);
    assert.deepEqual(ids('NFS', 'host-1'), []);
    assert.deepEqual(ids('NFS', undefined), []);
    assert.deepEqual(ids('NFS41', 'host-2'), []);
    assert.deepEqual(ids('VMFS', 'host-2'), []);
  });
});

suite('growth of a snapshot', () => {
  test('is estimated where nothing is known, and nothing grows while the VM is off', () => {
    const vm = sampleVm();
    assert.equal(expectedGrowthBytes(vm, 'datastore-1', undefined), 16 * GiB * 0.05);
    assert.equal(expectedGrowthBytes(vm, 'datastore-2', undefined), 0);
    assert.equal(expectedGrowthBytes({ ...vm, powerState: 'poweredOff' }, 'datastore-1', GiB), 0);
  });

  test('follows what changed between the last backups, up to the size of the disks', () => {
    assert.equal(expectedGrowthBytes(sampleVm(), 'datastore-1', GiB), 4 * GiB);
    assert.equal(expectedGrowthBytes(sampleVm(), 'datastore-1', 100 * GiB), 16 * GiB);
  });

  test('the rate comes from an incremental and its parent', () => {
    const full = sampleRestorePoint({ id: 'full', createdAtMs: 0 });
    const incremental = {
      ...sampleRestorePoint({ id: 'next', createdAtMs: 2 * 3_600_000, parentId: 'full' }),
      disks: [{ label: 'a', mappedBytes: 6 * GiB, zeroBytes: 0, chunks: 1 }],
    };
    assert.equal(changedBytesPerHour([incremental, full]), 3 * GiB);
    assert.equal(changedBytesPerHour([incremental]), undefined);
    assert.equal(changedBytesPerHour([full]), undefined);
  });
});
