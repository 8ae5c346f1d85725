import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { extractDisks, type ExtractProgress } from '#archive/tool-extract.ts';
import { inspectArchive } from '#archive/tool-inspect.ts';
import { ColdframeError } from '#core/error.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { seededRandom } from '#test/support/random.ts';
import { writeSampleChain } from '#test/support/sample-chain.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const { signal } = new AbortController();
const ports = { digester: wasmDigester, codec: nodeCodec, signal };
const compressions = ['zstd', 'none', 'zstd', 'none'] as const;

test('an archive is described by its two ends', async () => {
  await using dir = await temporaryFolder();
  const points = await writeSampleChain({ dir: dir.path, random: seededRandom(1), compressions });
  const inspected = await inspectArchive(points[2]!.path, ports);
  assert.deepEqual(inspected.header, points[2]!.header);
  assert.equal(inspected.seal, points[2]!.seal);
  assert.equal(inspected.archiveBytes, (await stat(points[2]!.path)).size);
  assert.ok(inspected.tarBytes > inspected.archiveBytes);
});

test('a chain is extracted to raw images', async () => {
  await using dir = await temporaryFolder();
  const points = await writeSampleChain({ dir: dir.path, random: seededRandom(2), compressions });
  const files = points.map((point) => point.path);
  const outDir = dir.join('new', 'out');
  const progress: ExtractProgress[] = [];
  const disks = await extractDisks({
    ...ports,
    files,
    outDir,
    onProgress: (each) => progress.push(each),
  });
  const newest = points.at(-1)!;
  assert.deepEqual(
    disks.map((disk) => disk.label),
    [...newest.states.keys()],
  );
  for (const disk of disks) {
    const state = newest.states.get(disk.label)!;
    assert.ok((await readFile(disk.path)).equals(state), disk.label);
    assert.ok(disk.writtenBytes <= state.length);
    const last = progress.findLast((each) => each.label === disk.label);
    assert.deepEqual(last, {
      label: disk.label,
      doneBytes: state.length,
      totalBytes: state.length,
    });
  }
  await assert.rejects(extractDisks({ ...ports, files, outDir }), {
    code: 'invalid-input',
    message: /exists already/,
  });
  const one = await extractDisks({ ...ports, files, outDir: dir.join('one'), disks: ['data'] });
  assert.deepEqual(
    one.map((disk) => disk.label),
    ['data'],
  );
  const unknown = extractDisks({ ...ports, files, outDir: dir.join('none'), disks: ['nope'] });
  await assert.rejects(unknown, { code: 'not-found' });
});

test('damage and stopping leave no image behind', async () => {
  await using dir = await temporaryFolder();
  const points = await writeSampleChain({
    dir: dir.path,
    random: seededRandom(3),
    compressions: ['none'],
  });
  const file = points[0]!.path;
  const stop = new AbortController();
  const reason = new ColdframeError('cancelled', 'Stopped.');
  const stopped = extractDisks({
    ...ports,
    files: [file],
    outDir: dir.join('stopped'),
    signal: stop.signal,
    onProgress: () => stop.abort(reason),
  });
  await assert.rejects(stopped, reason);
  assert.deepEqual(await readdir(dir.join('stopped')), []);

  const bytes = await readFile(file);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  await writeFile(file, bytes);
  const damaged = extractDisks({
    ...ports,
    files: [file],
    outDir: dir.join('damaged'),
    disks: ['system'],
  });
  await assert.rejects(damaged, { code: 'digest-mismatch' });
  assert.deepEqual(await readdir(dir.join('damaged')), []);
});
