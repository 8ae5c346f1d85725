import assert from 'node:assert/strict';
import { deserialize, serialize } from 'node:v8';
import { suite, test } from 'node:test';

import type { BackupOrder, MoverOrder } from '#core/mover-orders.ts';
import { Secret } from '#core/secret.ts';
import { packStart, unpackEvent, unpackStart } from '#mover/wire.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';

const settings = { vddkStateDir: '/state', workerEnv: {} };
const repository = { root: '/backup', repositoryId: 'r1' };

const backup: BackupOrder = {
  kind: 'backup',
  repository,
  path: 'vm/a.tar.zst',
  header: sampleRestorePoint({ id: 'p1', createdAtMs: 1 }).header,
  members: [{ name: 'vm/config.json', data: Buffer.from('{}') }],
  disks: [
    {
      label: 'scsi0-0',
      access: {
        kind: 'vddk',
        libDir: '/opt/vddk',
        server: 'vc.example',
        port: 443,
        thumbprint: Array.from({ length: 20 }, () => '0F').join(':'),
        user: 'backup',
        password: new Secret('s3cret'),
        vmMoref: 'vm-1',
        snapshotMoref: 'snapshot-1',
        path: '[ds] a/a.vmdk',
        transports: ['hotadd', 'nbdssl'],
      },
      extents: Float64Array.of(0, 512),
      useAllocated: true,
    },
  ],
  compressLevel: 1,
};

/** What Node's 'advanced' serialization does to a message. */
function cross(order: MoverOrder): unknown {
  return deserialize(serialize(packStart({ order, settings })));
}

suite('orders on the wire', () => {
  test('a backup order arrives as it was, its password a Secret again', () => {
    const { order } = unpackStart(cross(backup));
    assert.ok(order.kind === 'backup');
    const [disk] = order.disks;
    assert.ok(disk?.access.kind === 'vddk');
    assert.ok(disk.access.password instanceof Secret);
    assert.equal(disk.access.password.reveal(), 's3cret');
    assert.deepEqual(disk.extents, Float64Array.of(0, 512));
    assert.deepEqual(order.header, backup.header);
    assert.equal(Buffer.from(order.members[0]!.data).toString(), '{}');
  });

  const [disk] = backup.disks;
  const spoiled: readonly [string, unknown][] = [
    ['nothing', undefined],
    ['an unknown kind', { order: { kind: 'format-disk' }, settings }],
    ['an unknown field', { order: { ...backup, extra: 1 }, settings }],
    [
      'a relative root',
      { order: { ...backup, repository: { ...repository, root: 'x' } }, settings },
    ],
    [
      'extents as a list',
      { order: { ...backup, disks: [{ ...disk, extents: [0, 1] }] }, settings },
    ],
    ['a newer header', { order: { ...backup, header: { formatVersion: 2, id: 'p' } }, settings }],
  ];
  for (const [name, message] of spoiled)
    test(`refused: ${name}`, () => {
      assert.throws(() => unpackStart(message), { code: 'internal', message: /does not know/ });
    });

  test('the refusal does not show the password', () => {
    const message = cross({ ...backup, compressLevel: 99 });
    assert.throws(
      () => unpackStart(message),
      (error: unknown) => !JSON.stringify(error).includes('s3cret'),
    );
  });
});

suite('events on the wire', () => {
  test('known ones pass', () => {
    assert.deepEqual(unpackEvent({ type: 'heartbeat' }), { type: 'heartbeat' });
    const failed = { type: 'failed', error: { code: 'io', message: 'x', details: { a: 1 } } };
    assert.deepEqual(unpackEvent(failed), failed);
  });

  test('others do not', () => {
    for (const message of [null, 'ready', { type: 'done' }, { type: 'log', level: 'loud' }])
      assert.equal(unpackEvent(message), undefined);
  });
});
