import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { makeAgeStart } from '#archive/age-header.ts';
import { AgeSink } from '#archive/age-sink.ts';
import { extractDisks } from '#archive/tool-extract.ts';
import { inspectArchive } from '#archive/tool-inspect.ts';
import { verifyArchives } from '#archive/verify.ts';
import { ageKey, type AgeKey } from '#test/support/age-program.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { fileSink } from '#test/support/file-sink.ts';
import { seededRandom } from '#test/support/random.ts';
import { writeSampleChain, type SamplePoint } from '#test/support/sample-chain.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
const ports = { digester: wasmDigester, codec: nodeCodec, signal };

async function encryptedChain(dir: string, key: AgeKey): Promise<readonly SamplePoint[]> {
  const compressions = ['zstd', 'none', 'zstd'] as const;
  const points = await writeSampleChain({ dir, random: seededRandom(7), compressions });
  return Promise.all(
    points.map(async (point) => {
      const path = `${point.path}.age`;
      await using file = await fileSink(path);
      const sink = new AgeSink(file, await makeAgeStart([key.recipient]));
      await sink.writev([await readFile(point.path)]);
      await sink.sync();
      await rm(point.path);
      return { ...point, path };
    }),
  );
}

test('an encrypted chain is inspected, verified and extracted with its key', async () => {
  await using dir = await temporaryFolder();
  const key = await ageKey(dir.join('key'));
  const points = await encryptedChain(dir.path, key);
  const files = points.map(({ path }) => path);
  const keyed = { ...ports, identities: [key.identity] };

  const inspected = await inspectArchive(files[2]!, keyed);
  assert.equal(inspected.seal, points[2]!.seal);
  assert.equal(inspected.archiveBytes, (await stat(files[2]!)).size);

  assert.deepEqual((await verifyArchives(files, keyed)).damage, []);
  await assert.rejects(verifyArchives(files, ports), { code: 'locked' });

  for (const disk of await extractDisks({ ...keyed, files, outDir: dir.join('out') })) {
    const state = points.at(-1)!.states.get(disk.label)!;
    assert.ok((await readFile(disk.path)).equals(state), disk.label);
  }
});

test('damage behind the encryption is found and told as ranges of the disk', async () => {
  await using dir = await temporaryFolder();
  const key = await ageKey(dir.join('key'));
  const [full] = await encryptedChain(dir.path, key);
  const bytes = await readFile(full!.path);
  bytes[Math.floor(bytes.length / 2)]! ^= 4;
  await writeFile(full!.path, bytes);
  const { damage } = await verifyArchives([full!.path], { ...ports, identities: [key.identity] });
  assert.ok(damage.some(({ ranges }) => ranges.length > 0));
});

test('age, zstd and tar alone bring a full archive back', async () => {
  await using dir = await temporaryFolder();
  const key = await ageKey(dir.join('key'));
  const [full] = await encryptedChain(dir.path, key);
  const into = dir.join('by-hand');
  await mkdir(into);
  await run('sh', [
    '-c',
    'age -d -i "$1" "$2" | zstd -dc | tar -xf - -C "$3"',
    'sh',
    key.identityFile,
    full!.path,
    into,
  ]);
  for (const [label, state] of full!.states)
    assert.ok((await readFile(`${into}/disks/${label}.raw`)).equals(state), label);
});

test('the tool commands take identity files', async () => {
  await using dir = await temporaryFolder();
  const key = await ageKey(dir.join('key'));
  const [full] = await encryptedChain(dir.path, key);
  const program = (...words: string[]) =>
    run(process.execPath, ['src/cli/main.ts', ...words], {
      env: { ...process.env, NO_COLOR: '1' },
    });
  const good = await program('tool', 'verify', full!.path, '-i', key.identityFile);
  assert.match(good.stdout, /^1 archive good: /);
  await assert.rejects(program('tool', 'verify', full!.path), (error: { code: number }) => {
    assert.equal(error.code, 5);
    assert.match(
      (error as unknown as { stderr: string }).stderr,
      /is encrypted and no key was given/,
    );
    return true;
  });
});
