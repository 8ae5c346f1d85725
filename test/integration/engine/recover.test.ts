import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import type { JournalEntry } from '#core/journal.ts';
import { recover } from '#engine/recover.ts';
import type { VsphereConnection } from '#engine/ports.ts';
import { skippingClock } from '#test/support/skipping-clock.ts';
import { openEngineBench, type EngineBench } from '#test/support/engine-bench.ts';
import { createVsphere } from '#vsphere/client.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { startLab, type Lab } from '#test/lab/lab.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';

/** What the tests leave behind as a crashed task would, and what recover makes of it. */
interface Ground extends AsyncDisposable {
  readonly lab: Lab;
  readonly bench: EngineBench;
  readonly connection: VsphereConnection;
  readonly signal: AbortSignal;
  vm(name: string): Promise<Awaited<ReturnType<Lab['state']>>['vms'][number]>;
  recover(): ReturnType<typeof recover>;
}

async function prepare(): Promise<Ground> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const lab = stack.use(
    await startLab({ dir: join(folder.path, 'lab'), scenario: demoScenario(smallSizes) }),
  );
  const bench = stack.use(await openEngineBench({ dir: folder.path, lab, vddk: false }));
  const { signal } = new AbortController();
  const connection = stack.use(await bench.context.vsphere.connect(bench.endpoint, signal));
  const kept = stack.move();
  return {
    lab,
    bench,
    connection,
    signal,
    vm: async (name) => (await lab.state()).vms.find((vm) => vm.name === name)!,
    recover: () =>
      recover(bench.context, { sources: bench.sources, runningTaskIds: new Set(), signal }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function snapshotEntry({ bench }: Ground, vmMoref: string): Promise<JournalEntry> {
  return bench.context.journal.intend({
    taskId: 'task1',
    kind: 'snapshot',
    endpointId: bench.endpoint.id,
    detail: { vmMoref, snapshotName: 'coldframe task1' },
  });
}

async function takeSnapshot(ground: Ground, vmMoref: string): Promise<string> {
  const entry = await snapshotEntry(ground, vmMoref);
  return ground.connection.createSnapshot(
    { vmMoref, name: 'x', description: `abc ${entry.marker}`, quiesce: false },
    ground.signal,
  );
}

suite('recover', () => {
  test('removes our snapshot and leaves a foreign one', async () => {
    await using ground = await prepare();
    const { moref } = await ground.vm('demo-app');
    await ground.lab.addForeignSnapshot({ vm: 'demo-app', name: 'before update' });
    await takeSnapshot(ground, moref);
    assert.deepEqual(await ground.recover(), { undone: 1, open: [] });
    const { snapshots } = await ground.vm('demo-app');
    assert.deepEqual(
      snapshots.map(({ name }) => name),
      ['before update'],
    );
    assert.deepEqual(await ground.recover(), { undone: 0, open: [] });
  });

  test('a snapshot that somebody removed by hand is no trouble', async () => {
    await using ground = await prepare();
    const { moref } = await ground.vm('demo-app');
    const snapshot = await takeSnapshot(ground, moref);
    await ground.lab.removeSnapshot({ vm: 'demo-app', moref: snapshot });
    await ground.bench.context.journal.mark(
      (await ground.bench.context.journal.open())[0]!.id,
      'done',
    );
    assert.deepEqual(await ground.recover(), { undone: 1, open: [] });
  });

  test('a VM that is gone may come back for thirty days', async () => {
    await using ground = await prepare();
    const { bench, signal } = ground;
    const { moref } = await ground.vm('demo-app');
    await snapshotEntry(ground, moref);
    await ground.lab.power({ vm: 'demo-app', on: false });
    await ground.lab.removeVm({ vm: 'demo-app' });
    assert.match((await ground.recover()).open[0]!.reason, /is not in the inventory/);
    const { clock } = bench.context;
    const later = { ...clock, now: () => clock.now() + 30 * 24 * 3600 * 1000 };
    const outcome = await recover(
      { ...bench.context, clock: later },
      { sources: bench.sources, runningTaskIds: new Set(), signal },
    );
    assert.deepEqual(outcome, { undone: 1, open: [] });
  });

  test('a VM that was registered again is found under its new moref', async () => {
    await using ground = await prepare();
    const { bench, connection, signal } = ground;
    const { moref } = await ground.vm('demo-app');
    const { identity } = await connection.getVm(moref, signal);
    const entry = await bench.context.journal.intend({
      taskId: 'task1',
      kind: 'snapshot',
      endpointId: bench.endpoint.id,
      detail: { vmMoref: 'vm-31337', vmInstanceUuid: identity.instanceUuid, snapshotName: 'x' },
    });
    await connection.createSnapshot(
      { vmMoref: moref, name: 'x', description: entry.marker, quiesce: false },
      signal,
    );
    assert.deepEqual(await ground.recover(), { undone: 1, open: [] });
    assert.deepEqual((await ground.vm('demo-app')).snapshots, []);
  });

  test('an unfinished VM is not destroyed while its disks cannot be detached', async () => {
    await using ground = await prepare();
    const { bench, connection, lab, signal } = ground;
    const { moref } = await ground.vm('demo-app');
    const own = await ground.vm('coldframe');
    const snapshot = await takeSnapshot(ground, moref);
    const contents = await connection.snapshotContents(moref, snapshot, signal);
    const { folderPath, resourcePoolMoref } = contents.placement;
    const common = { taskId: 'task2', endpointId: bench.endpoint.id } as const;
    const { marker } = await bench.context.journal.intend({
      ...common,
      kind: 'created-vm',
      detail: { name: 'copy', folderPath },
    });
    const made = await connection.createVm(
      {
        name: 'copy',
        config: contents.config,
        folderPath,
        resourcePoolMoref,
        datastoreName: 'vmfs1',
        disks: contents.disks,
        keepIdentity: false,
        marker,
      },
      signal,
    );
    const disks = (await ground.vm('copy')).disks.map(({ fileName, sizeBytes }) => ({
      fileName,
      capacityBytes: sizeBytes,
      mode: 'independent_persistent' as const,
    }));
    await bench.context.journal.intend({
      ...common,
      kind: 'attach',
      detail: {
        applianceMoref: own.moref,
        vmMoref: made,
        files: disks.map(({ fileName }) => fileName),
      },
    });
    await connection.attachDisks({ vmMoref: own.moref, disks }, signal);
    await lab.addFaults([
      {
        on: 'ReconfigVM_Task',
        object: 'coldframe',
        action: { kind: 'task-error', type: 'SystemError', data: { reason: 'injected' } },
      },
    ]);
    const { open } = await ground.recover();
    assert.equal(open.length, 2);
    assert.match(open[1]!.reason, /The unfinished VM "copy" stays until its disks are let go of/);
    assert.ok(await ground.vm('copy'));
    assert.deepEqual(await ground.recover(), { undone: 2, open: [] });
    assert.deepEqual((await lab.state()).attachments, []);
    assert.equal(await ground.vm('copy'), undefined);
  });

  test('lets go of attached disks before the snapshot, whatever the guest does', async () => {
    await using ground = await prepare();
    const { bench, connection, signal } = ground;
    const { moref } = await ground.vm('demo-app');
    const snapshot = await takeSnapshot(ground, moref);
    const own = await ground.vm('coldframe');
    const { disks } = await connection.snapshotContents(moref, snapshot, signal);
    await bench.context.journal.intend({
      taskId: 'task1',
      kind: 'attach',
      endpointId: bench.endpoint.id,
      detail: {
        applianceMoref: own.moref,
        vmMoref: moref,
        files: disks.map(({ backing }) => backing.fileName),
      },
    });
    await connection.attachDisks(
      {
        vmMoref: own.moref,
        disks: disks.map(({ backing, capacityBytes }) => ({
          fileName: backing.fileName,
          capacityBytes,
          mode: 'independent_nonpersistent' as const,
        })),
      },
      signal,
    );
    assert.equal((await ground.lab.state()).attachments.length, 2);
    assert.deepEqual(await ground.recover(), { undone: 2, open: [] });
    const state = await ground.lab.state();
    assert.deepEqual(state.attachments, []);
    const vm = state.vms.find(({ name }) => name === 'demo-app')!;
    assert.deepEqual(vm.snapshots, []);
    assert.equal(vm.consolidationNeeded, false);
  });

  test('destroys the VM that carries our marker and no other', async () => {
    await using ground = await prepare();
    const { bench, connection, signal } = ground;
    const { moref } = await ground.vm('demo-app');
    const snapshot = await takeSnapshot(ground, moref);
    const contents = await connection.snapshotContents(moref, snapshot, signal);
    const entry = await bench.context.journal.intend({
      taskId: 'task1',
      kind: 'created-vm',
      endpointId: bench.endpoint.id,
      detail: { name: 'copy', folderPath: contents.placement.folderPath },
    });
    await connection.createVm(
      {
        name: 'copy',
        config: contents.config,
        folderPath: contents.placement.folderPath,
        resourcePoolMoref: contents.placement.resourcePoolMoref,
        datastoreName: 'vmfs1',
        disks: contents.disks,
        keepIdentity: false,
        marker: entry.marker,
      },
      signal,
    );
    assert.ok((await ground.vm('copy')) !== undefined);
    assert.deepEqual(await ground.recover(), { undone: 2, open: [] });
    assert.deepEqual((await ground.lab.state()).vms.map(({ name }) => name).sort(), [
      'coldframe',
      'demo-app',
    ]);
  });

  test('removes an unfinished archive', async () => {
    await using ground = await prepare();
    const { bench } = ground;
    const path = bench.context.repositories.archivePath({
      vmName: 'demo-app',
      vmInstanceUuid: '5000a9a2-0000-4000-8000-000000000001',
      createdAtMs: Date.UTC(2026, 1, 2),
      kind: 'full',
      id: 'aaaaaaaaaaaaaaaa',
      compression: 'zstd',
    });
    const partial = join(bench.repository.root, `${path}.partial`);
    await mkdir(dirname(partial));
    await writeFile(partial, 'half an archive');
    await bench.context.journal.intend({
      taskId: 'task1',
      kind: 'partial-archive',
      endpointId: bench.endpoint.id,
      detail: { repositoryId: bench.repository.id, path },
    });
    assert.deepEqual(await ground.recover(), { undone: 1, open: [] });
    await assert.rejects(writeFile(partial, '', { flag: 'r+' }), { code: 'ENOENT' });
  });

  test('leaves the entries of running tasks alone', async () => {
    await using ground = await prepare();
    const { moref } = await ground.vm('demo-app');
    await takeSnapshot(ground, moref);
    const { bench, signal } = ground;
    const outcome = await recover(bench.context, {
      sources: bench.sources,
      runningTaskIds: new Set(['task1']),
      signal,
    });
    assert.deepEqual(outcome, { undone: 0, open: [] });
    assert.equal((await ground.vm('demo-app')).snapshots.length, 1);
    await ground.recover();
  });

  test('says what is left and why, and undoes it when that has changed', async () => {
    await using ground = await prepare();
    const { bench, signal } = ground;
    const { moref } = await ground.vm('demo-app');
    await takeSnapshot(ground, moref);
    const nowhere = { ...bench.sources, endpoint: () => Promise.resolve(undefined) };
    const outcome = await recover(bench.context, {
      sources: nowhere,
      runningTaskIds: new Set(),
      signal,
    });
    assert.equal(outcome.undone, 0);
    assert.match(outcome.open[0]!.reason, /not in the settings any more/);
    const [entry] = await bench.context.journal.open();
    assert.match(entry?.lastFailure ?? '', /not in the settings any more/);
    assert.deepEqual(await ground.recover(), { undone: 1, open: [] });
  });

  test('an unfinished restore in place stays open until the VM is restored or gone', async () => {
    await using ground = await prepare();
    const { bench } = ground;
    const { moref } = await ground.vm('demo-app');
    await bench.context.journal.intend({
      taskId: 'task1',
      kind: 'in-place-restore',
      endpointId: bench.endpoint.id,
      detail: { vmMoref: moref, restorePointId: 'p1' },
    });
    const outcome = await ground.recover();
    assert.match(outcome.open[0]!.reason, /mix of old and restored data/);
    await ground.lab.power({ vm: 'demo-app', on: false });
    await ground.lab.removeVm({ vm: 'demo-app' });
    assert.deepEqual(await ground.recover(), { undone: 1, open: [] });
  });

  test('a removal that nothing is heard of stays open, and is done when vSphere answers', async () => {
    await using ground = await prepare();
    const { bench, lab, signal } = ground;
    const { moref } = await ground.vm('demo-app');
    await takeSnapshot(ground, moref);
    await lab.addFaults([
      { on: 'RemoveSnapshot_Task', action: { kind: 'task-error', type: 'Timedout' } },
      { on: 'WaitForUpdatesEx', times: 10_000, action: { kind: 'drop' } },
    ]);
    const clock = skippingClock();
    const log = { info: () => undefined, warn: () => undefined };
    const vsphere = createVsphere({ clock, userAgent: 'coldframe/test', log });
    const startMs = clock.now();
    const outcome = await recover(
      { ...bench.context, vsphere },
      { sources: bench.sources, runningTaskIds: new Set(), signal },
    );
    assert.equal(outcome.undone, 0);
    assert.match(outcome.open[0]!.reason, /Nothing was heard of the vim task .* is unknown/);
    assert.ok(clock.now() - startMs >= 600_000);
    const [entry] = await bench.context.journal.open();
    assert.match(entry?.lastFailure ?? '', /is unknown/);
    assert.equal((await ground.vm('demo-app')).snapshots.length, 1);
    await lab.clearFaults();
    assert.deepEqual(await ground.recover(), { undone: 1, open: [] });
    assert.deepEqual((await ground.vm('demo-app')).snapshots, []);
  });

  test('stops when told to', async () => {
    await using ground = await prepare();
    const { moref } = await ground.vm('demo-app');
    await takeSnapshot(ground, moref);
    const stopped = AbortSignal.abort(new ColdframeError('cancelled', 'shutting down'));
    await assert.rejects(
      recover(ground.bench.context, {
        sources: ground.bench.sources,
        runningTaskIds: new Set(),
        signal: stopped,
      }),
      { code: 'cancelled' },
    );
    await ground.recover();
  });
});
