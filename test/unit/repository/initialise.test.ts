import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { initialiseRepository } from '#repository/initialise.ts';
import { markerName, requireMarker } from '#repository/marker.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const nowMs = Date.UTC(2026, 0, 2);

test('an empty folder becomes a repository, and is recognised the next time', async () => {
  await using dir = await temporaryFolder();
  await mkdir(dir.join('lost+found'));
  const first = await initialiseRepository({ root: dir.path, id: 'repo-1', nowMs });
  assert.equal(first.existed, false);
  assert.deepEqual(JSON.parse(await readFile(dir.join(markerName), 'utf8')), {
    id: 'repo-1',
    formatVersion: 1,
    createdAt: '2026-01-02T00:00:00.000Z',
  });
  const second = await initialiseRepository({ root: dir.path, id: 'repo-2', nowMs });
  assert.equal(second.existed, true);
  assert.equal(second.marker.id, 'repo-1');
  assert.deepEqual((await readdir(dir.path)).sort(), [markerName, 'lost+found']);
});

test('a folder with other contents is refused', async () => {
  await using dir = await temporaryFolder();
  await writeFile(dir.join('holiday.jpg'), 'x');
  await assert.rejects(initialiseRepository({ root: dir.path, id: 'repo-1', nowMs }), {
    code: 'repository',
    message: /holiday\.jpg.*make one in it/,
  });
  assert.deepEqual(await readdir(dir.path), ['holiday.jpg']);
});

test('relative paths, missing folders and files are refused', async () => {
  await using dir = await temporaryFolder();
  await writeFile(dir.join('file'), 'x');
  const refused: readonly [string, string][] = [
    ['backups', 'invalid-input'],
    [dir.join('missing'), 'repository'],
    [dir.join('file'), 'repository'],
  ];
  for (const [root, code] of refused)
    await assert.rejects(initialiseRepository({ root, id: 'repo-1', nowMs }), { code });
});

test('the marker must be there, valid, of this version and of this repository', async () => {
  await using dir = await temporaryFolder();
  const folder = { root: dir.path, repositoryId: 'repo-1' };
  await assert.rejects(requireMarker(folder), { code: 'repository', message: /mount/ });
  const cases: readonly [string, RegExp][] = [
    ['not json', /not a valid marker/],
    ['{"id":"repo-1"}', /not a valid marker/],
    ['{"id":"repo-1","formatVersion":2,"createdAt":"2026-01-02T00:00:00Z"}', /newer/],
    ['{"id":"other","formatVersion":1,"createdAt":"2026-01-02T00:00:00Z"}', /another repository/],
  ];
  for (const [text, message] of cases) {
    await writeFile(dir.join(markerName), text);
    await assert.rejects(requireMarker(folder), { code: 'repository', message });
  }
  await writeFile(
    dir.join(markerName),
    '{"id":"repo-1","formatVersion":1,"createdAt":"2026-01-02T00:00:00Z","later":true}',
  );
  await requireMarker(folder);
});

test('a folder that cannot be written is refused, with what to do', async () => {
  await using dir = await temporaryFolder();
  await chmod(dir.path, 0o500);
  const wasRoot = process.geteuid?.() === 0;
  // Root may write anywhere: become somebody else for a moment.
  if (wasRoot) process.seteuid?.(65_534);
  try {
    await assert.rejects(initialiseRepository({ root: dir.path, id: 'repo-1', nowMs }), {
      code: 'repository',
      message: /access is denied/,
    });
  } finally {
    if (wasRoot) process.seteuid?.(0);
    await chmod(dir.path, 0o700);
  }
});
