import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';

import { openCatalog, type Catalog } from '#catalog/open-catalog.ts';
import { ColdframeError } from '#core/error.ts';
import { nfsSource } from '#core/nfs.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { initialiseRepository } from '#repository/initialise.ts';
import { LocalRepositories } from '#repository/local-repository.ts';
import { untilAborted } from '#repository/until-aborted.ts';
import { createRepositories, type Repositories } from '#service/operations/repositories.ts';
import { findRestorePoint, restorePointsOf } from '#service/operations/restore-points.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { countingIds, testClock } from '#test/support/test-clock.ts';

interface Bench extends AsyncDisposable {
  readonly folder: string;
  readonly root: string;
  readonly catalog: Catalog;
  readonly repositories: Repositories;
  /** What the archives at these paths are said to hold; an Error is a damaged one. */
  readonly archives: Map<string, RestorePoint | ColdframeError>;
  /** Paths of the archives that were opened. */
  readonly reads: string[];
  /** Sources by mount point. */
  readonly mounts: Map<string, string>;
}

const { signal } = new AbortController();

async function openBench(): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const clock = testClock();
  const ids = countingIds();
  const dataDir = join(folder.path, 'data');
  const catalog = stack.use(await openCatalog({ dataDir, clock, ids }));
  const root = join(folder.path, 'root');
  await mkdir(root);
  const archives: Bench['archives'] = new Map();
  const reads: string[] = [];
  const mounts: Bench['mounts'] = new Map();
  const local = new LocalRepositories({
    read: async () => {
      throw new Error('the folder holds no archive');
    },
    readMember: async () => Buffer.alloc(0),
  });
  const repositories = createRepositories({
    store: catalog,
    journal: catalog.journal,
    clock,
    access: {
      check: (repository, each) => local.check(repository, each),
      scan: async (repository) => {
        const points: RestorePoint[] = [];
        const unreadable: { path: string; error: Error }[] = [];
        for (const [path, archive] of archives)
          if (archive instanceof Error) unreadable.push({ path, error: archive });
          else points.push({ ...archive, repositoryId: repository.id, path });
        return { points, unreadable };
      },
      stock: () =>
        Promise.resolve({
          archives: [...archives].map(([path, archive]) => ({
            path,
            bytes: archive instanceof Error ? 7 : archive.archiveBytes,
          })),
          partials: ['vm/unfinished.tar'],
        }),
      read: async (repository, path) => {
        reads.push(path);
        const archive = archives.get(path)!;
        if (archive instanceof Error) throw archive;
        return { ...archive, repositoryId: repository.id, path };
      },
    },
    nfsMounts: {
      mount: async ({ root: at, nfs }) => {
        if (nfs.server === 'dead') throw new ColdframeError('repository', 'mount: no answer');
        mounts.set(at, nfsSource(nfs));
      },
      unmount: async (at) => void mounts.delete(at),
    },
    initialise: async (at) => {
      // An export is mounted below /srv; here its contents are in the test's folder.
      const path = mounts.has(at) ? root : at;
      const { marker, existed, proof } = await initialiseRepository({
        root: path,
        id: ids.next(),
        nowMs: 0,
      });
      return { id: marker.id, created: !existed, proof };
    },
  });
  const kept = stack.move();
  return {
    folder: folder.path,
    root,
    catalog,
    repositories,
    archives,
    reads,
    mounts,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

it('marks a new folder, and takes over one with all its restore points', async () => {
  await using bench = await openBench();
  const { repositories, root, catalog } = bench;
  const added = await repositories.add({ name: 'main', root }, signal);
  assert.deepEqual([added.found, added.added], [0, 0]);
  await repositories.remove('main');
  bench.archives.set('vm/a.tar', sampleRestorePoint({ id: 'a', createdAtMs: 1 }));
  const again = await repositories.add({ name: 'renamed', root }, signal);
  assert.equal(again.repository.id, added.repository.id);
  assert.deepEqual([again.found, again.added], [1, 1]);
  assert.equal((await findRestorePoint(catalog, 'a')).path, 'vm/a.tar');
});

it('mounts an export, keeps what was said of it, and unmounts it with the repository', async () => {
  await using bench = await openBench();
  const { repositories, mounts, catalog, root } = bench;
  const nfs = { server: 'nas', path: '/backup', version: '4.1' } as const;
  const { repository, proof } = await repositories.add({ name: 'NAS One', nfs }, signal);
  assert.deepEqual([repository.root, repository.nfs], ['/srv/nas-one', nfs]);
  assert.deepEqual(await catalog.getRepository(repository.id), repository);
  assert.ok(proof.writeBytesPerSecond > 0 && proof.readBytesPerSecond > 0);
  assert.deepEqual([...mounts], [['/srv/nas-one', 'nas:/backup']]);

  const neighbour = repositories.add({ name: 'nas.one', nfs }, signal);
  await assert.rejects(neighbour, /is taken by "NAS One"/);
  // The same contents by another way: refused, and not left mounted.
  await assert.rejects(repositories.add({ name: 'twin', nfs }, signal), /"NAS One" already/);
  await assert.rejects(repositories.add({ name: 'x', root }, signal), /"NAS One" already/);
  const dead = { ...nfs, server: 'dead' };
  await assert.rejects(repositories.add({ name: 'dead', nfs: dead }, signal), /no answer/);
  assert.equal(mounts.size, 1);
  await repositories.remove('NAS One');
  assert.equal(mounts.size, 0);
});

it('refuses the same folder twice, a taken name and a relative path', async () => {
  await using bench = await openBench();
  const { repositories, root, folder } = bench;
  await repositories.add({ name: 'main', root }, signal);
  await assert.rejects(repositories.add({ name: 'x', root }, signal), /"main" already/);
  await assert.rejects(repositories.add({ name: 'main', root: folder }, signal), /already a/);
  await assert.rejects(repositories.add({ name: 'x', root: 'here' }, signal), /absolute path/);
});

it('finds what is new, and keeps what is missing or unreadable until told otherwise', async () => {
  await using bench = await openBench();
  const { repositories, archives, catalog, root, reads } = bench;
  for (const id of ['a', 'b', 'c', 'e'])
    archives.set(`vm/${id}.tar`, sampleRestorePoint({ id, createdAtMs: id.charCodeAt(0) }));
  await repositories.add({ name: 'main', root }, signal);
  archives.set('vm/a.tar', new ColdframeError('archive-damaged', 'It has no seal.'));
  archives.delete('vm/b.tar');
  archives.set('vm/d.tar', sampleRestorePoint({ id: 'd', createdAtMs: 4 }));
  archives.set('vm/moved.tar', archives.get('vm/e.tar')!);
  archives.delete('vm/e.tar');

  const differences = await repositories.differences('main', signal);
  assert.deepEqual([differences.archives, differences.known], [4, 4]);
  assert.deepEqual(differences.missing, { count: 2, first: ['vm/e.tar', 'vm/b.tar'] });
  assert.deepEqual(differences.unknown.first, ['vm/d.tar', 'vm/moved.tar']);
  assert.deepEqual(
    differences.changed.first.map(({ path, bytes }) => [path, bytes]),
    [['vm/a.tar', 7]],
  );
  assert.deepEqual(differences.unfinished.first, ['vm/unfinished.tar']);
  assert.deepEqual(reads, [], 'nothing was opened');

  const result = await repositories.rebuild('main', {}, signal);
  assert.deepEqual(
    [result.found, result.added, result.removed, result.missing, result.unreadable],
    [3, 1, 0, ['vm/b.tar'], [{ path: 'vm/a.tar', message: 'It has no seal.' }]],
  );
  assert.deepEqual(new Set(reads), new Set(['vm/a.tar', 'vm/d.tar', 'vm/moved.tar']), 'c is known');
  const ids = async () =>
    (await catalog.listRestorePoints({ limit: 10 })).map(({ header }) => header.id).toSorted();
  assert.deepEqual(await ids(), ['a', 'b', 'c', 'd', 'e']);
  assert.equal((await catalog.getRestorePoint('e'))?.path, 'vm/moved.tar');

  const forgotten = await repositories.rebuild('main', { forgetMissing: true }, signal);
  assert.deepEqual([forgotten.removed, forgotten.missing], [1, []]);
  assert.deepEqual(await ids(), ['a', 'c', 'd', 'e'], 'what is only unreadable stays');
  reads.length = 0;
  await repositories.rebuild('main', { all: true }, signal);
  assert.equal(reads.length, 4);
});

it('lists a repository that cannot be used with the reason', async () => {
  await using bench = await openBench();
  const { repositories, root } = bench;
  await repositories.add({ name: 'main', root }, signal);
  const [good] = await repositories.list(signal);
  assert.ok(good!.freeBytes! > 0 && good!.totalBytes! >= good!.freeBytes!);
  await rename(root, `${root}-away`);
  const [bad] = await repositories.list(signal);
  assert.equal(bad?.error?.code, 'repository');
  await assert.rejects(repositories.check('main', signal), { code: 'repository' });
  // An empty mount point without the marker is not the repository.
  await mkdir(root);
  await assert.rejects(repositories.check('main', signal), /marker/);
  await rm(root, { recursive: true });
});

it('does not make a list wait for storage that was silent before, until it answers again', async () => {
  await using bench = await openBench();
  const { catalog } = bench;
  await catalog.saveRepository({ id: 'r1', name: 'nas', root: '/srv/nas', addedAtMs: 0 });
  const space = { freeBytes: 1, totalBytes: 2 };
  let answer = Promise.withResolvers<typeof space>();
  const repositories = createRepositories({
    store: catalog,
    journal: catalog.journal,
    clock: testClock(),
    access: {
      check: (_, each) => untilAborted(answer.promise, each),
      scan: async () => ({ points: [], unreadable: [] }),
      stock: async () => ({ archives: [], partials: [] }),
      read: async () => assert.fail('nothing is read'),
    },
    nfsMounts: { mount: () => assert.fail(), unmount: () => assert.fail() },
    initialise: async () => assert.fail('nothing is added'),
  });
  const [first] = await repositories.list(signal);
  assert.match(first?.error?.message ?? '', /"nas" \(\/srv\/nas\) does not answer/);
  const started = performance.now();
  for (let round = 0; round < 5; round++) {
    const [again] = await repositories.list(signal);
    assert.equal(again?.error?.code, 'repository');
  }
  // Five waits of a first look would be more than seven seconds.
  assert.ok(performance.now() - started < 5000);
  answer.resolve(space);
  assert.deepEqual((await repositories.list(signal))[0]?.freeBytes, 1);
  // Silent again, and then slower to answer than a silent one is waited for: its answer counts all the same.
  answer = Promise.withResolvers();
  assert.notEqual((await repositories.list(signal))[0]?.error, undefined);
  answer = Promise.withResolvers();
  setTimeout(() => answer.resolve(space), 200);
  assert.notEqual((await repositories.list(signal))[0]?.error, undefined);
  await new Promise((resolve) => setTimeout(resolve, 400));
  // Good again, so it is given its time again.
  answer = Promise.withResolvers();
  setTimeout(() => answer.resolve({ ...space, freeBytes: 7 }), 300);
  assert.deepEqual((await repositories.list(signal))[0]?.freeBytes, 7);
});

it('keeps a repository that is still needed to undo something', async () => {
  await using bench = await openBench();
  const { repositories, root, catalog } = bench;
  const { repository } = await repositories.add({ name: 'main', root }, signal);
  const entry = await catalog.journal.intend({
    taskId: 't',
    kind: 'partial-archive',
    endpointId: 'e',
    detail: { repositoryId: repository.id, path: 'vm/a.tar' },
  });
  await assert.rejects(repositories.remove('main'), { code: 'busy' });
  await catalog.journal.mark(entry.id, 'undone');
  await writeFile(join(root, 'kept.txt'), '');
  await repositories.remove('main');
  await assert.rejects(repositories.find('main'), { code: 'not-found' });
});

it('finds the restore points of a VM by its name and by its UUID', async () => {
  await using bench = await openBench();
  const { catalog } = bench;
  const uuid = 'other-uuid';
  await catalog.addRestorePoint(sampleRestorePoint({ id: 'a', createdAtMs: 1 }));
  await catalog.addRestorePoint(
    sampleRestorePoint({ id: 'b', createdAtMs: 2, instanceUuid: uuid, vmName: 'web' }),
  );
  for (const vm of ['web', uuid]) {
    const points = await restorePointsOf(catalog, { vm, limit: 10 });
    assert.deepEqual(
      points.map(({ header }) => header.id),
      ['b'],
    );
  }
  await assert.rejects(findRestorePoint(catalog, 'x'), /restore-point list/);
});
