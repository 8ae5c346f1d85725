import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { ArchiveReader } from '#archive/archive-reader.ts';
import { parseHeader, parseManifest, toJsonBytes } from '#archive/schema.ts';
import { verifyArchives } from '#archive/verify.ts';
import { ColdframeError } from '#core/error.ts';
import { wholeDisk } from '#core/extents.ts';
import type { Manifest } from '#core/restore-point.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { sampleHeader, writeSample } from '#test/support/archive-samples.ts';
import { seededRandom } from '#test/support/random.ts';
import { mixedDisk } from '#test/support/sample-disks.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const { signal } = new AbortController();
const ports = { digester: wasmDigester, codec: nodeCodec, signal };
const capacityBytes = 64 * 1024;
const disks = [
  {
    label: 'a',
    data: mixedDisk(seededRandom(1), capacityBytes),
    extents: wholeDisk(capacityBytes),
  },
];

/** Replaces text in the manifest by text of the same length, and makes its digest agree. */
async function forge(file: string, from: string, to: string): Promise<void> {
  assert.equal(from.length, to.length);
  const bytes = await readFile(file);
  const start = bytes.lastIndexOf('{\n  "formatVersion"');
  const end = bytes.indexOf('\n}\n', start) + 3;
  const text = bytes.toString('latin1', start, end);
  assert.ok(text.includes(from), from);
  const forged = Buffer.from(text.replace(from, to), 'latin1');
  forged.copy(bytes, start);
  const sum = bytes.lastIndexOf('  manifest.json\n') - 64;
  bytes.write(wasmDigester.digest(forged).toString('hex'), sum, 'latin1');
  await writeFile(file, bytes);
}

test('an archive of a newer version is refused with advice', async () => {
  await using dir = await temporaryFolder();
  const file = dir.join('a.tar');
  await writeSample({ path: file, header: sampleHeader(disks), disks });
  await forge(file, '"formatVersion": 1', '"formatVersion": 2');
  await assert.rejects(ArchiveReader.open(file, ports), {
    code: 'archive-version',
    message: /Update coldframe, or follow the RESTORE\.txt/,
  });
});

test('a seal that lies about names, places or sizes is refused, however well it is signed', async () => {
  await using dir = await temporaryFolder();
  const header = sampleHeader(disks);
  const clean = dir.join('clean.tar');
  await writeSample({ path: clean, header, disks });
  const lies: readonly [string, string][] = [
    ['"name": "disks/a.raw"', '"name": "../../a.raw"'],
    ['"name": "RESTORE.txt"', '"name": "/etc/passwd"'],
    ['"name": "disks/a.chunks"', '"name": "disks/b.chunks"'],
    ['"name": "restore.sh"', '"name": "restore-sh"'],
    ['"headerOffset": 0', '"headerOffset": 1'],
    ['"chunks": 1', '"chunks": 2'],
    ['"mappedBytes": 65536', '"mappedBytes": 65537'],
    ['"id": "abcdefgh23456777"', '"id": "bbcdefgh23456777"'],
    ['"dataBytes": 65536', '"dataBytes": 65024'],
    ['"dataBytes": 65536', '"dataBytes": 99999'],
    ['"label": "a"', '"label": "/"'],
  ];
  for (const [from, to] of lies) {
    const file = dir.join('lie.tar');
    await writeFile(file, await readFile(clean));
    await forge(file, from, to);
    const { damage } = await verifyArchives([file], ports);
    assert.ok(damage.length > 0, `${from} -> ${to}`);
  }
});

test('what is no archive is said to be none', async () => {
  await using dir = await temporaryFolder();
  await mkdir(dir.join('folder'));
  execFileSync('mkfifo', [dir.join('pipe')]);
  await writeFile(dir.join('empty'), '');
  await writeFile(dir.join('text'), 'Dear diary,\n'.repeat(100));
  await writeFile(dir.join('zeros'), Buffer.alloc(4096));
  await writeFile(dir.join('zstd-magic'), Buffer.from('28b52ffd', 'hex'));
  execFileSync('tar', ['-cf', dir.join('other.tar'), '-C', dir.path, 'text']);
  execFileSync('zstd', ['-q', dir.join('other.tar')]);
  const expected: Readonly<Record<string, readonly [string, RegExp]>> = {
    missing: ['not-found', /no archive/],
    folder: ['invalid-input', /not a file/],
    pipe: ['invalid-input', /not a file/],
    empty: ['archive-damaged', /empty/],
    text: ['invalid-input', /not a coldframe archive/],
    zeros: ['invalid-input', /not a coldframe archive/],
    'zstd-magic': ['archive-damaged', /no seek table/],
    'other.tar': ['archive-damaged', /no seal/],
    'other.tar.zst': ['archive-damaged', /no seek table/],
  };
  for (const [name, [code, message]] of Object.entries(expected))
    await assert.rejects(ArchiveReader.open(dir.join(name), ports), { code, message }, name);
});

test('random bytes, also behind good beginnings and ends, never do worse than an error', async () => {
  await using dir = await temporaryFolder();
  const file = dir.join('noise');
  const clean = dir.join('clean.tar.zst');
  await writeSample({ path: clean, header: sampleHeader(disks, { compression: 'zstd' }), disks });
  const good = await readFile(clean);
  for (let seed = 1; seed <= 150; seed++) {
    const random = seededRandom(seed);
    const bytes = Buffer.from(good);
    const start = random.below(bytes.length);
    random.fill(bytes.subarray(start, start + 1 + random.below(random.below(2) === 0 ? 40 : 4000)));
    await writeFile(file, bytes);
    const { damage } = await verifyArchives([file], ports);
    assert.ok(damage.length > 0 || bytes.equals(good), `seed ${seed}`);
    await ArchiveReader.open(file, ports).then(
      (reader) => reader[Symbol.asyncDispose](),
      (error: unknown) =>
        assert.ok(error instanceof ColdframeError, `seed ${seed}: ${String(error)}`),
    );
  }
});

test('headers and seals are parsed strictly, and fields of later revisions are passed over', () => {
  const header = sampleHeader(disks);
  assert.deepEqual(parseHeader(toJsonBytes({ ...header, later: 1 }), 'x'), header);
  const manifest: Manifest = { formatVersion: 1, id: 'a', finishedAtMs: 1, members: [], disks: [] };
  assert.deepEqual(parseManifest(toJsonBytes(manifest), 'x'), manifest);
  const bad: readonly unknown[] = [
    null,
    [],
    {},
    { ...header, id: '' },
    { ...header, kind: 'half' },
    { ...header, digestAlgorithm: 'md5' },
    { ...header, chunkBytes: -4096 },
    { ...header, disks: [{ ...header.disks[0], label: '..' }] },
    { ...header, disks: [{ ...header.disks[0], capacityBytes: 1e300 }] },
  ];
  for (const value of bad)
    assert.throws(() => parseHeader(toJsonBytes(value), 'x'), { code: 'archive-damaged' });
  for (const bytes of [Buffer.alloc(0), Buffer.from('{'), Buffer.from([0x22, 0xff, 0x22])])
    assert.throws(() => parseManifest(bytes, 'x'), { code: 'archive-damaged' });
});
