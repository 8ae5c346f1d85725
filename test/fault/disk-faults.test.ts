import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { toErrorRecord } from '#core/error.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import type { BackupOptions } from '#engine/requests.ts';
import { labGround, type GroundOptions, type LabGround } from '#test/support/lab-ground.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

function groundWith(faults: string, limits?: GroundOptions['limits']): Promise<LabGround> {
  return labGround({
    vddk: true,
    workerEnv: { COLDFRAME_LAB_VDDK_FAULTS: faults },
    ...(limits === undefined ? {} : { limits }),
  });
}

function backUp({ bench, signal }: LabGround, options: Partial<BackupOptions>) {
  return backUpVm(bench.context, bench.backup({}, options), { signal });
}

async function assertNothingLeft(ground: LabGround): Promise<void> {
  assert.deepEqual((await ground.recover()).open, []);
  await ground.assertTidy();
  const { bench, signal } = ground;
  assert.deepEqual(await bench.context.repositories.list(bench.repository, signal), []);
}

suite('VDDK goes wrong before a byte was read', () => {
  const openings: readonly (readonly [string, string])[] = [
    ['Open fails', 'Open:*:error=13'],
    ['ConnectEx fails', 'ConnectEx:*:error=18000'],
    ['the library cannot be started', 'InitEx:*:error=1'],
  ];
  for (const [name, faults] of openings)
    test(`${name}: the next transport carries the disks, with the reason`, async () => {
      await using ground = await groundWith(faults);
      const { restorePoint, warnings } = await backUp(ground, {
        transports: ['hotadd-vddk', 'hotadd-own'],
      });
      assert.equal(warnings.length, 2);
      assert.match(warnings[0]!, /Hard disk 1 goes by hotadd-own, because hotadd-vddk failed/);
      for (const disk of restorePoint.header.disks) {
        assert.equal(disk.transport, 'hotadd');
        assert.match(disk.transportReason, /^hotadd-vddk failed: /);
      }
      await ground.assertTidy();
    });

  test('without fallback the error is told', async () => {
    await using ground = await groundWith('Open:*:error=13');
    await assert.rejects(
      backUp(ground, { transports: ['hotadd-vddk', 'hotadd-own'], onFallback: 'fail' }),
      { code: 'disk' },
    );
    await assertNothingLeft(ground);
  });

  test('another transport than asked for is recorded', async () => {
    await using ground = await groundWith('GetTransportMode:*:transport=nbd');
    const { restorePoint } = await backUp(ground, { transports: ['nbdssl'] });
    const [disk] = restorePoint.header.disks;
    assert.equal(disk?.transport, 'nbd');
    assert.equal(disk?.transportReason, 'nbdssl was asked for, VDDK chose nbd');
    assert.match(disk.modeReason, /; read are the \d+ bytes that VDDK calls allocated$/);
    await ground.assertTidy();
  });
});

suite('VDDK goes wrong while bytes move', () => {
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    ['an error', 'Read:3:error=14011;ReadAsync:3:error=14011', 'disk', /./],
    ['a crash', 'Read:3:crash;ReadAsync:3:crash', 'process-died', /SIGABRT/],
    ['a hang', 'Read:3:hang;ReadAsync:3:hang', 'process-died', /moved no data/],
  ];
  for (const transport of ['hotadd-vddk', 'nbdssl'] as const)
    for (const [name, faults, code, message] of cases)
      test(`${name}, ${transport}`, { timeout: 120_000 }, async () => {
        await using ground = await groundWith(faults, { progressMs: 3000 });
        await assert.rejects(backUp(ground, { transports: [transport] }), (error: unknown) => {
          const record = toErrorRecord(error);
          assert.equal(record.code, code, record.message);
          assert.match(record.message, message);
          return true;
        });
        await assertNothingLeft(ground);
      });
});

suite('migration is held off while VDDK reads', () => {
  /** What the stand-in was told to do about migration, in order. */
  async function accessEvents(file: string): Promise<readonly string[]> {
    const lines = (await readFile(file, 'utf8')).split('\n');
    return lines.map((line) => line.split('\t')[0]!).filter((name) => /^(prepare|end)$/.test(name));
  }

  test('and allowed again after a backup, and by recover after a crash', async () => {
    await using folder = await temporaryFolder();
    const events = join(folder.path, 'events');
    const env = { COLDFRAME_LAB_VDDK_EVENTS: events };
    {
      await using ground = await labGround({ vddk: true, workerEnv: env });
      await backUp(ground, { transports: ['hotadd-vddk'] });
      await ground.assertTidy();
      const history = await ground.bench.catalog.journal.history(100);
      const entry = (kind: string) => history.find((each) => each.kind === kind)!;
      const [held, snapshot] = [entry('disable-migration'), entry('snapshot')];
      assert.ok(held.createdAtMs < snapshot.createdAtMs, 'held before the snapshot was taken');
      assert.ok(held.updatedAtMs < snapshot.updatedAtMs, 'let go before it was removed');
    }
    assert.deepEqual(await accessEvents(events), ['prepare', 'end']);
    await rm(events);
    const crash = { ...env, COLDFRAME_LAB_VDDK_FAULTS: 'Read:3:crash;ReadAsync:3:crash' };
    await using ground = await labGround({ vddk: true, workerEnv: crash });
    await assert.rejects(backUp(ground, { transports: ['hotadd-vddk'] }));
    await assertNothingLeft(ground);
    assert.deepEqual(await accessEvents(events), ['prepare', 'end']);
  });
});

suite('built-in HotAdd goes wrong', () => {
  test('a device that never appears: the next transport, and the disk is detached', async () => {
    await using ground = await labGround({ vddk: true, limits: { deviceMs: 1500 } });
    await ground.lab.setDeviceAppearance({ mode: 'never' });
    const { restorePoint, warnings } = await backUp(ground, {
      transports: ['hotadd-own', 'nbdssl'],
    });
    assert.match(warnings[0]!, /no device with its uuid appeared/);
    assert.equal(restorePoint.header.disks[0]!.transport, 'nbdssl');
    await ground.assertTidy();
  });

  test('a device that shows after a rescan only', async () => {
    await using ground = await labGround({ vddk: false });
    await ground.lab.setDeviceAppearance({ mode: 'on-scan' });
    const { restorePoint, warnings } = await backUp(ground, { transports: ['hotadd-own'] });
    assert.deepEqual(warnings, []);
    assert.match(
      restorePoint.header.disks[0]!.modeReason,
      /bytes that the device calls allocated$/,
    );
    await ground.assertTidy();
  });
});
