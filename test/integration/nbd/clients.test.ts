import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { startNbd } from '#test/support/nbd-process.ts';
import { seededRandom } from '#test/support/random.ts';
import { writeSampleChain, type SamplePoint } from '#test/support/sample-chain.ts';
import { temporaryFolder, type TemporaryFolder } from '#test/support/temporary-folder.ts';

const run = promisify(execFile);

async function chainIn(dir: TemporaryFolder): Promise<readonly SamplePoint[]> {
  return writeSampleChain({
    dir: dir.path,
    random: seededRandom(11),
    compressions: ['zstd', 'none', 'zstd'],
    capacityBytes: 24 * 1024 * 1024,
    changesEach: 60,
  });
}

test('nbdinfo, nbdcopy and qemu-img read the disks of an incremental restore point', async () => {
  await using dir = await temporaryFolder();
  const points = await chainIn(dir);
  const { states } = points.at(-1)!;
  const system = states.get('system')!;
  await using nbd = await startNbd(['tool', 'nbd', ...points.map(({ path }) => path)]);
  assert.deepEqual([...nbd.uris.keys()], ['system', 'data']);
  const uri = nbd.uris.get('system')!;

  const info = JSON.parse((await run('nbdinfo', ['--json', uri])).stdout) as {
    protocol: string;
    exports: Record<string, unknown>[];
  };
  assert.equal(info.protocol, 'newstyle-fixed');
  const [only] = info.exports;
  assert.equal(only!['export-size'], system.length);
  assert.deepEqual(
    [only!['is_read_only'], only!['can_multi_conn'], only!['can_df'], only!['contexts']],
    [true, true, true, ['base:allocation']],
  );
  const list = JSON.parse((await run('nbdinfo', ['--list', '--json', uri])).stdout) as {
    exports: { 'export-name': string }[];
  };
  assert.deepEqual(list.exports.map((each) => each['export-name']).sort(), ['data', 'system']);

  const map = JSON.parse((await run('nbdinfo', ['--map', '--json', uri])).stdout) as {
    offset: number;
    length: number;
    type: number;
  }[];
  assert.equal(
    map.reduce((sum, { length }) => sum + length, 0),
    system.length,
  );
  for (const { offset, length, type } of map)
    if (type !== 0) assert.ok(system.subarray(offset, offset + length).every((byte) => byte === 0));

  for (const [label, state] of states) {
    const copied = dir.join(`${label}.nbdcopy`);
    await writeFile(copied, '');
    await truncate(copied, state.length);
    await run('nbdcopy', [nbd.uris.get(label)!, copied]);
    assert.ok((await readFile(copied)).equals(state), `${label} by nbdcopy`);
    const converted = dir.join(`${label}.qemu`);
    await run('qemu-img', ['convert', '-O', 'raw', nbd.uris.get(label)!, converted]);
    // QEMU rounds up to whole sectors, which these are.
    assert.ok((await readFile(converted)).equals(state), `${label} by qemu-img`);
  }
  await assert.rejects(run('nbdinfo', [uri.replace('/system?', '/nobody?')]), /nobody/);
  const socket = decodeURI(new URL(uri).searchParams.get('socket')!);
  assert.equal((await stat(socket)).mode & 0o777, 0o600);
  assert.equal(await nbd.end(), 0);
  await assert.rejects(stat(socket));
  assert.equal(nbd.said(), '');
});

test('one disk, over TCP; damage is an error of the read and not of the server', async () => {
  await using dir = await temporaryFolder();
  const points = await chainIn(dir);
  const [full] = points;
  const bytes = await readFile(full!.path);
  // In the middle of the compressed data of the first disk.
  bytes[Math.floor(bytes.length / 4)]! ^= 0x10;
  await writeFile(full!.path, bytes);
  await using nbd = await startNbd(['tool', 'nbd', full!.path, '-d', 'system', '--port', '0']);
  const uri = nbd.uris.get('system')!;
  assert.match(uri, /^nbd:\/\/127\.0\.0\.1:\d+\/system$/);
  await assert.rejects(run('nbdcopy', [uri, 'null:']), /Input\/output error/);
  const state = full!.states.get('system')!;
  const start = await run('nbdcopy', ['--', uri, '-'], { encoding: 'buffer', maxBuffer: 2 ** 27 })
    .then(({ stdout }) => stdout)
    .catch((error: { stdout: Buffer }) => error.stdout);
  assert.ok(start.equals(state.subarray(0, start.length)));
  assert.equal((await run('nbdinfo', ['--size', uri])).stdout.trim(), String(state.length));
});
