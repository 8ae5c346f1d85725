import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { RepositoryPort } from '#engine/ports.ts';
import { initialiseRepository } from '#repository/initialise.ts';
import { LocalRepositories, type ArchiveFacts } from '#repository/local-repository.ts';
import { markerName } from '#repository/marker.ts';
import { createPartial } from '#repository/partial-archive.ts';
import { sampleHeader } from '#test/support/archive-samples.ts';
import { temporaryFolder, type TemporaryFolder } from '#test/support/temporary-folder.ts';

/** Archives here are one line of text: their id, or "bad". */
const facts: ArchiveFacts = {
  read: async (filePath) => {
    const id = await readFile(filePath, 'utf8');
    if (id === 'bad') throw new ColdframeError('archive-damaged', 'it is bad.');
    return {
      header: sampleHeader([], { id }),
      seal: 'f'.repeat(64),
      archiveBytes: id.length,
      finishedAtMs: 1,
      disks: [],
    };
  },
  readMember: async (filePath, member) => Buffer.from(`${path.basename(filePath)}:${member}`),
};
// The compiler checks that the adapter fits the engine's port.
const repositories: RepositoryPort & LocalRepositories = new LocalRepositories(facts);
const signal = new AbortController().signal;

interface Opened extends AsyncDisposable {
  readonly dir: TemporaryFolder;
  readonly config: RepositoryConfig;
  readonly folder: { readonly root: string; readonly repositoryId: string };
}

async function openRepository(): Promise<Opened> {
  const dir = await temporaryFolder();
  await initialiseRepository({ root: dir.path, id: 'repo-1', nowMs: 0 });
  return {
    dir,
    config: { id: 'repo-1', name: 'main', root: dir.path, addedAtMs: 0 },
    folder: { root: dir.path, repositoryId: 'repo-1' },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

function pathOf(id: string): string {
  return repositories.archivePath({
    vmName: 'app',
    vmInstanceUuid: '5021aaaa-bbbb-cccc-dddd-eeeeffff0000',
    createdAtMs: 1000,
    kind: 'full',
    id,
    compression: 'none',
  });
}

async function commitOne(repository: Opened, id: string, text = id): Promise<string> {
  const relative = pathOf(id);
  await using partial = await createPartial(repository.folder, relative);
  await writeFile(partial.filePath, text);
  await partial.commit();
  return relative;
}

test('a committed archive is listed, read and removed; a partial one is none of it', async () => {
  await using repository = await openRepository();
  const first = await commitOne(repository, 'a1');
  const second = await commitOne(repository, 'b2');
  await using unfinished = await createPartial(repository.folder, pathOf('c3'));
  await writeFile(unfinished.filePath, 'c3');

  const points = await repositories.list(repository.config, signal);
  assert.deepEqual(
    points.map((point) => [point.header.id, point.path, point.repositoryId]),
    [
      ['a1', first, 'repo-1'],
      ['b2', second, 'repo-1'],
    ],
  );
  const scan = await repositories.scan(repository.config, signal);
  assert.deepEqual(scan.partials, [pathOf('c3')]);
  const member = await repositories.readMember(repository.config, first, 'vm/config.xml');
  assert.equal(Buffer.from(member).toString(), `${path.basename(first)}:vm/config.xml`);

  await repositories.remove(repository.config, first);
  await repositories.remove(repository.config, first);
  await assert.rejects(repositories.read(repository.config, first, signal), { code: 'not-found' });
  const left = await repositories.list(repository.config, signal);
  assert.deepEqual(
    left.map((point) => point.header.id),
    ['b2'],
  );
});

test('an archive that is given up leaves nothing', async () => {
  await using repository = await openRepository();
  {
    await using partial = await createPartial(repository.folder, pathOf('a1'));
    await writeFile(partial.filePath, 'half');
  }
  const [vmFolder] = pathOf('a1').split('/') as [string];
  assert.deepEqual(await readdir(repository.dir.join(vmFolder)), []);
  await assert.doesNotReject(repositories.removePartial(repository.config, pathOf('a1')));
  await assert.doesNotReject(repositories.removePartial(repository.config, pathOf('never')));
});

test('what a crash left behind is removed by its final path', async () => {
  await using repository = await openRepository();
  const partial = await createPartial(repository.folder, pathOf('a1'));
  await repositories.removePartial(repository.config, pathOf('a1'));
  await assert.rejects(readFile(partial.filePath), { code: 'ENOENT' });
});

test('nothing that exists is overwritten', async () => {
  await using repository = await openRepository();
  const relative = await commitOne(repository, 'a1', 'first');
  await using again = await createPartial(repository.folder, relative);
  await assert.rejects(createPartial(repository.folder, relative), { code: 'busy' });
  await assert.rejects(again.commit(), { code: 'busy' });
  assert.equal(await readFile(repository.dir.join(relative), 'utf8'), 'first');
});

test('without its marker a repository is not touched', async () => {
  await using repository = await openRepository();
  const relative = await commitOne(repository, 'a1');
  await using partial = await createPartial(repository.folder, pathOf('b2'));
  await rename(repository.dir.join(markerName), repository.dir.join('marker-away'));
  const before = await readdir(repository.dir.path);
  const refused = { code: 'repository', message: /no repository marker/ };
  await assert.rejects(repositories.check(repository.config, signal), refused);
  await assert.rejects(repositories.list(repository.config, signal), refused);
  await assert.rejects(repositories.read(repository.config, relative, signal), refused);
  await assert.rejects(repositories.remove(repository.config, relative), refused);
  await assert.rejects(createPartial(repository.folder, pathOf('c3')), refused);
  await assert.rejects(partial.commit(), refused);
  assert.deepEqual(await readdir(repository.dir.path), before);
  await rename(repository.dir.join('marker-away'), repository.dir.join(markerName));
});

test('listing never answers in part', async () => {
  await using repository = await openRepository();
  await commitOne(repository, 'a1');
  const bad = await commitOne(repository, 'b2', 'bad');
  await assert.rejects(repositories.list(repository.config, signal), {
    code: 'archive-damaged',
    message: new RegExp(bad),
  });
  const scan = await repositories.scan(repository.config, signal);
  assert.deepEqual(
    scan.points.map((point) => point.header.id),
    ['a1'],
  );
  assert.deepEqual(
    scan.unreadable.map((entry) => entry.path),
    [bad],
  );
});

test('links and foreign files are passed over', async () => {
  await using repository = await openRepository();
  await using elsewhere = await openRepository();
  const relative = await commitOne(elsewhere, 'a1');
  const [vmFolder, file] = relative.split('/') as [string, string];
  await symlink(elsewhere.dir.join(vmFolder), repository.dir.join(vmFolder));
  await mkdir(repository.dir.join('other_5021'));
  await symlink(elsewhere.dir.join(relative), repository.dir.join('other_5021', file));
  await writeFile(repository.dir.join('other_5021', 'notes.txt'), 'x');
  assert.deepEqual(await repositories.list(repository.config, signal), []);
  await assert.rejects(repositories.read(repository.config, `other_5021/${file}`, signal), {
    code: 'repository',
  });
  await assert.rejects(createPartial(repository.folder, relative), { code: 'repository' });
});

test('free space is told, and an abort ends a wait', async () => {
  await using repository = await openRepository();
  const space = await repositories.check(repository.config, signal);
  assert.ok(space.freeBytes > 0 && space.freeBytes <= space.totalBytes);
  const stuck = new LocalRepositories({ ...facts, read: () => new Promise(() => undefined) });
  await commitOne(repository, 'a1');
  const abort = new AbortController();
  const listing = stuck.list(repository.config, abort.signal);
  abort.abort(new ColdframeError('timeout', 'The deadline passed.'));
  await assert.rejects(listing, { code: 'timeout' });
});
