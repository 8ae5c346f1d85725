import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { readDisk } from '#archive/chain-image.ts';
import { ArchiveChain } from '#archive/chain.ts';
import { parsePublicKey } from '#archive/signature.ts';
import { verifyArchives } from '#archive/verify.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const { signal } = new AbortController();
const ports = { digester: wasmDigester, codec: nodeCodec, signal };
const folder = fileURLToPath(new URL('../../fixtures/archives/', import.meta.url));

interface Expected {
  readonly seal: string;
  readonly disks: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

const expected = JSON.parse(await readFile(`${folder}expected.json`, 'utf8')) as Record<
  string,
  Expected
>;

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

const python = `
import subprocess, sys, tarfile
archive, out = sys.argv[1:]
if archive.endswith(".zst"):
    archive_file = subprocess.Popen(["zstd", "-q", "-dc", archive], stdout=subprocess.PIPE).stdout
    tar = tarfile.open(fileobj=archive_file, mode="r|")
else:
    tar = tarfile.open(archive, mode="r:")
tar.extractall(out)
`;

/** Other people's readers: command lines that unpack an archive into a folder. */
const unpackers: Readonly<Record<string, (archive: string, out: string) => readonly string[]>> = {
  'GNU tar': (archive, out) => [
    'tar',
    ...(archive.endsWith('.zst') ? ['--zstd'] : []),
    '-xf',
    archive,
    '-C',
    out,
  ],
  bsdtar: (archive, out) => ['bsdtar', '-xf', archive, '-C', out],
  "Python's tarfile": (archive, out) => ['python3', '-c', python, archive, out],
};

for (const [name, suffix] of [
  ['v1-plain', '.tar'],
  ['v1-zstd', '.tar.zst'],
  ['v1-synthetic', '.tar.zst'],
] as const) {
  const full = `${name}/full${suffix}`;
  const incremental = `${name}/incremental${suffix}`;
  const files = [full, incremental].map((file) => folder + file);

  test(`${name}: sound, and the disks are what they were`, async () => {
    const findings = await verifyArchives(files, ports);
    assert.deepEqual(findings.damage, []);
    for (const [point, of] of [
      [full, files.slice(0, 1)],
      [incremental, files],
    ] as const) {
      await using chain = await ArchiveChain.open(of, ports);
      assert.equal(chain.newest.seal, expected[point]!.seal);
      for (const [label, { bytes, sha256: digest }] of Object.entries(expected[point]!.disks)) {
        const disk = await chain.disk(label);
        assert.equal(sha256(await readDisk(disk, 0, bytes)), digest, `${point} ${label}`);
      }
    }
  });

  test(`${name}: restore.sh out of the archive agrees`, async () => {
    await using dir = await temporaryFolder();
    execFileSync('bsdtar', ['-xf', files[0]!, '-C', dir.path, 'restore.sh']);
    const run = spawnSync('sh', [dir.join('restore.sh'), dir.join('out'), ...files], {
      encoding: 'utf8',
    });
    assert.equal(run.status, 0, run.stderr);
    for (const [label, { sha256: digest }] of Object.entries(expected[incremental]!.disks))
      assert.equal(sha256(await readFile(dir.join('out', `${label}.raw`))), digest, label);
  });

  for (const [tool, unpack] of Object.entries(unpackers)) {
    test(`${name}: ${tool} unpacks the full archive without a word`, async () => {
      await using dir = await temporaryFolder();
      await mkdir(dir.join('out'));
      const command = unpack(files[0]!, dir.join('out'));
      const run = spawnSync(command[0]!, command.slice(1), { encoding: 'utf8' });
      assert.equal(run.stderr, '');
      assert.equal(run.status, 0);
      for (const [label, { sha256: digest }] of Object.entries(expected[full]!.disks)) {
        const image = await readFile(dir.join('out', 'disks', `${label}.raw`));
        assert.equal(sha256(image), digest, label);
      }
      const seal = await readFile(dir.join('out', 'manifest.json'));
      assert.equal(wasmDigester.digest(seal).toString('hex'), expected[full]!.seal);
    });
  }
}

test('zstd -t and zstd -l accept the compressed archives', () => {
  for (const file of ['full', 'incremental']) {
    const archive = `${folder}v1-zstd/${file}.tar.zst`;
    execFileSync('zstd', ['-q', '-t', archive]);
    const listed = execFileSync('zstd', ['-l', '-v', archive], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    assert.match(listed, /# Skippable Frames: 1/);
    assert.match(listed, /Check: XXH64/);
  }
});

test('the synthetic full carries a good signature', async () => {
  const signedBy = parsePublicKey(await readFile(`${folder}v1-synthetic/key.pem`, 'utf8'), 'key');
  const file = `${folder}v1-synthetic/full.tar.zst`;
  assert.deepEqual((await verifyArchives([file], { ...ports, signedBy })).damage, []);
});
