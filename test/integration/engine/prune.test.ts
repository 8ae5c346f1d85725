import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';

import { ArchiveReader } from '#archive/archive-reader.ts';
import { prune, type PruneRequest } from '#engine/prune.ts';
import type { PruneContext } from '#engine/prune-ports.ts';
import { initialiseRepository } from '#repository/initialise.ts';
import { LocalRepositories, type ArchiveFacts } from '#repository/local-repository.ts';
import { lockVmFolder } from '#repository/vm-lock.ts';
import { systemClock } from '#service/system-clock.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { sampleHeader, writeSample } from '#test/support/archive-samples.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { countingIds } from '#test/support/test-clock.ts';
import { openTemporary, type TemporaryCatalog } from '#test/unit/catalog/open-temporary.ts';

const signal = new AbortController().signal;
const dayMs = 86_400_000;

async function open(file: string): Promise<ArchiveReader> {
  return ArchiveReader.open(file, { digester: wasmDigester, codec: nodeCodec, signal });
}

const facts: ArchiveFacts = {
  async read(file) {
    await using archive = await open(file);
    const { header, seal, archiveBytes, manifest } = archive;
    return {
      header,
      seal,
      archiveBytes,
      finishedAtMs: manifest.finishedAtMs,
      disks: manifest.disks,
    };
  },
  async readMember(file, member) {
    await using archive = await open(file);
    return await archive.readMember(member);
  },
};

interface Bench extends AsyncDisposable {
  readonly made: TemporaryCatalog;
  readonly root: string;
  readonly repositories: LocalRepositories;
  readonly context: PruneContext;
  readonly request: PruneRequest;
  /** Writes a real archive and lists it. */
  add(day: number, parent?: Added, vmName?: string): Promise<Added>;
}

interface Added {
  readonly id: string;
  readonly seal: string;
  readonly path: string;
}

/** Real archives of a VM with one small disk, the real catalog and a real folder. */
async function openBench(): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const made = stack.use(await openTemporary());
  const folder = stack.use(await temporaryFolder());
  const root = folder.path;
  await initialiseRepository({ root, id: 'repo1', nowMs: 0 });
  const repository = { id: 'repo1', name: 'main', root, addedAtMs: 0 };
  const repositories = new LocalRepositories(facts);
  const ids = countingIds();
  const { vm } = sampleHeader([]);
  const say = (): void => undefined;
  const context: PruneContext = {
    applianceId: made.applianceId,
    clock: systemClock,
    ids,
    log: { info: say, warn: say, error: say },
    catalog: made.catalog,
    repositories,
  };
  const kept = stack.move();
  return {
    made,
    root,
    repositories,
    context,
    request: {
      repository,
      vm,
      policy: { last: 1, timeZone: 'UTC' },
      isOwn: () => true,
      inUse: () => new Set(),
    },
    async add(day, parent, vmName = vm.name) {
      const disk = { label: 'a', data: Buffer.alloc(4096, day), extents: Float64Array.of(0, 4096) };
      const header = sampleHeader([disk], {
        id: ids.next(),
        kind: parent === undefined ? 'full' : 'incremental',
        createdAtMs: Date.UTC(2026, 0, 1) + day * dayMs,
        parent: parent === undefined ? null : { id: parent.id, seal: parent.seal },
        vm: { ...vm, name: vmName },
      });
      const { id, createdAtMs, kind, compression } = header;
      const vmInstanceUuid = vm.instanceUuid;
      const relative = repositories.archivePath({
        vmName,
        vmInstanceUuid,
        createdAtMs,
        kind,
        id,
        compression,
      });
      await mkdir(path.dirname(path.join(root, relative)), { recursive: true });
      await writeSample({ path: path.join(root, relative), header, disks: [disk] });
      const point = await repositories.read(repository, relative, signal);
      await made.catalog.addRestorePoint(point);
      return { id, seal: point.seal, path: relative };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function filesOf(root: string): Promise<readonly string[]> {
  const all = await readdir(root, { recursive: true });
  return all.filter((name) => name.includes('.tar')).toSorted();
}

it('removes a dead chain, also from the folder that the VM had under its old name', async () => {
  await using bench = await openBench();
  const { made, root, context, request } = bench;
  const full = await bench.add(1, undefined, 'old name');
  const incremental = await bench.add(2, full, 'new name');
  const newer = await bench.add(3, undefined, 'new name');
  const { removed } = await prune(context, request, signal);
  assert.deepEqual(
    removed.map(({ header }) => header.id),
    [incremental.id, full.id],
  );
  assert.deepEqual(await filesOf(root), [newer.path]);
  const left = await made.catalog.restorePointsOfVm(request.vm);
  assert.deepEqual(
    left.map(({ header }) => header.id),
    [newer.id],
  );
  assert.deepEqual(
    (await readdir(root, { recursive: true })).filter((n) => n.includes('lock')),
    [],
  );
});

it('finishes what a crash left between the archive and its catalog entry', async () => {
  await using bench = await openBench();
  const { made, root, context, request } = bench;
  const old = await bench.add(1);
  await bench.add(2);
  await made.catalog.setRemoving([old.id], true);
  await rm(path.join(root, old.path));
  const { removed } = await prune(context, request, signal);
  assert.deepEqual(removed, []);
  assert.equal(await made.catalog.getRestorePoint(old.id), undefined);
  assert.equal((await made.catalog.restorePointMarks([old.id])).size, 0);
});

it('touches nothing beside a damaged archive, under a foreign lock, or without the marker', async () => {
  await using bench = await openBench();
  const { root, context, request } = bench;
  const old = await bench.add(1);
  await bench.add(2);
  const before = await filesOf(root);
  const vmFolder = path.join(root, path.dirname(old.path));
  {
    const holder = {
      vmFolder,
      applianceId: 'another',
      owner: 'another appliance',
      token: 't',
      clock: systemClock,
    };
    await using lock = await lockVmFolder(holder);
    assert.ok(lock);
    await assert.rejects(prune(context, request, signal), { code: 'busy', message: /another app/ });
  }
  const stray = path.join(vmFolder, '20260109T000000Z_full_stray.tar');
  await writeFile(stray, 'not an archive');
  await assert.rejects(prune(context, request, signal), /stray\.tar cannot be read/);
  await rm(stray);
  const marker = path.join(root, '.coldframe-repository.json');
  await rm(marker);
  await assert.rejects(prune(context, request, signal), { code: 'repository' });
  assert.deepEqual(await filesOf(root), before);
});

it('does not mind the archives of other VMs, damaged or not', async () => {
  await using bench = await openBench();
  const { root, context, request } = bench;
  await bench.add(1);
  const newer = await bench.add(2);
  const other = path.join(root, 'other_5021bbbb-bbbb-cccc-dddd-eeeeffff0000');
  await mkdir(other);
  await writeFile(path.join(other, '20260109T000000Z_full_x.tar'), 'damaged');
  const { removed } = await prune(context, request, signal);
  assert.equal(removed.length, 1);
  assert.deepEqual(
    await filesOf(root),
    [
      newer.path,
      'other_5021bbbb-bbbb-cccc-dddd-eeeeffff0000/20260109T000000Z_full_x.tar',
    ].toSorted(),
  );
});
