import assert from 'node:assert/strict';
import { copyFile, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { ArchiveReader } from '#archive/archive-reader.ts';
import type { RepositoryConfig } from '#core/config.ts';
import { initialiseRepository } from '#repository/initialise.ts';
import { LocalRepositories, type ArchiveFacts } from '#repository/local-repository.ts';
import { createPartial } from '#repository/partial-archive.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { seededRandom } from '#test/support/random.ts';
import { writeSampleChain, type SamplePoint } from '#test/support/sample-chain.ts';
import { temporaryFolder, type TemporaryFolder } from '#test/support/temporary-folder.ts';

const { signal } = new AbortController();
const ports = { digester: wasmDigester, codec: nodeCodec };

const facts: ArchiveFacts = {
  read: async (filePath, readSignal) => {
    await using reader = await ArchiveReader.open(filePath, { ...ports, signal: readSignal });
    const { header, manifest, seal, archiveBytes } = reader;
    const { finishedAtMs, disks } = manifest;
    return { header, seal, archiveBytes, finishedAtMs, disks };
  },
  readMember: async (filePath, member) => {
    await using reader = await ArchiveReader.open(filePath, ports);
    return await reader.readMember(member);
  },
};
const repositories = new LocalRepositories(facts);

interface Filled {
  readonly config: RepositoryConfig;
  readonly points: readonly SamplePoint[];
  /** Paths below the root, in the order of the points. */
  readonly paths: readonly string[];
}

async function fill(dir: TemporaryFolder, root: TemporaryFolder): Promise<Filled> {
  await initialiseRepository({ root: root.path, id: 'repo-1', nowMs: 0 });
  const compressions = ['zstd', 'none', 'zstd'] as const;
  const points = await writeSampleChain({ dir: dir.path, random: seededRandom(8), compressions });
  const paths: string[] = [];
  for (const { header, path } of points) {
    const relative = repositories.archivePath({
      vmName: header.vm.name,
      vmInstanceUuid: header.vm.instanceUuid,
      createdAtMs: header.createdAtMs,
      kind: header.kind,
      id: header.id,
      compression: header.compression,
    });
    await using partial = await createPartial(
      { root: root.path, repositoryId: 'repo-1' },
      relative,
    );
    await copyFile(path, partial.filePath);
    await partial.commit();
    paths.push(relative);
  }
  return { config: { id: 'repo-1', name: 'main', root: root.path, addedAtMs: 0 }, points, paths };
}

test('everything that lists need comes out of the archives themselves', async () => {
  await using dir = await temporaryFolder();
  await using root = await temporaryFolder();
  const { config, points, paths } = await fill(dir, root);
  const listed = await repositories.list(config, signal);
  assert.deepEqual(
    listed.map((point) => point.path),
    paths,
  );
  for (const [index, point] of listed.entries()) {
    assert.deepEqual(point.header, points[index]!.header);
    assert.equal(point.seal, points[index]!.seal);
    assert.equal(point.archiveBytes, (await stat(root.join(point.path))).size);
    assert.equal(point.finishedAtMs, point.header.createdAtMs + 60_000);
    assert.deepEqual(
      point.disks.map((disk) => disk.label),
      point.header.disks.map((disk) => disk.label),
    );
    assert.deepEqual(await repositories.read(config, point.path, signal), point);
  }
  const script = await repositories.readMember(config, paths[0]!, 'restore.sh');
  assert.match(Buffer.from(script).toString(), /^#!\/bin\/sh/);
});

test('a truncated or exchanged archive is never listed as good', async () => {
  await using dir = await temporaryFolder();
  await using root = await temporaryFolder();
  const { config, paths } = await fill(dir, root);
  const victim = root.join(paths[1]!);
  const { size } = await stat(victim);
  await truncate(victim, size - 512);
  await assert.rejects(repositories.list(config, signal), {
    code: 'archive-damaged',
    message: /cannot be listed.*cut short/s,
  });
  const scan = await repositories.scan(config, signal);
  assert.deepEqual(
    scan.points.map((point) => point.path),
    [paths[0], paths[2]],
  );
  assert.deepEqual(
    scan.unreadable.map((entry) => entry.path),
    [paths[1]],
  );
  await writeFile(victim, 'not an archive at all');
  await assert.rejects(repositories.read(config, paths[1]!, signal), { code: 'invalid-input' });
  await repositories.remove(config, paths[1]!);
  assert.equal((await repositories.list(config, signal)).length, 2);
});

test('an archive that was never committed is no restore point, whatever is in it', async () => {
  await using dir = await temporaryFolder();
  await using root = await temporaryFolder();
  const { config, paths } = await fill(dir, root);
  await rename(root.join(paths[2]!), `${root.join(paths[2]!)}.partial`);
  const scan = await repositories.scan(config, signal);
  assert.equal(scan.points.length, 2);
  assert.deepEqual(scan.partials, [paths[2]]);
  await repositories.removePartial(config, paths[2]!);
  assert.deepEqual((await repositories.scan(config, signal)).partials, []);
  await assert.rejects(readFile(`${root.join(paths[2]!)}.partial`), { code: 'ENOENT' });
});
