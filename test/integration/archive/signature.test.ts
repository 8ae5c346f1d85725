import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { ArchiveReader } from '#archive/archive-reader.ts';
import { ArchiveWriter } from '#archive/archive-writer.ts';
import { manifestSigner, parsePublicKey, publicKeyOf } from '#archive/signature.ts';
import { verifyArchives } from '#archive/verify.ts';
import { Secret } from '#core/secret.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { sampleHeader, sampleSlots } from '#test/support/archive-samples.ts';
import { fileSink } from '#test/support/file-sink.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const signal = new AbortController().signal;
const options = { digester: wasmDigester, codec: nodeCodec, signal };

function newKey(): Secret {
  const { privateKey } = generateKeyPairSync('ed25519');
  return new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

async function writeSigned(file: string, key: Secret | undefined): Promise<void> {
  const disk = { label: 'a', data: Buffer.alloc(8192, 7), extents: Float64Array.of(0, 8192) };
  const header = sampleHeader([disk]);
  await using sink = await fileSink(file);
  const sign = key && manifestSigner(key);
  await using writer = new ArchiveWriter({ sink, ...options, sign });
  await writer.begin(header);
  await writer.beginDisk('a', 8192, disk.extents);
  const { chunkBytes } = header;
  for (const slot of sampleSlots(disk, { chunkBytes, slotBytes: chunkBytes }))
    await writer.writeSlots([slot]);
  await writer.endDisk();
  await writer.seal(header.createdAtMs);
}

test('the file and the public key are all that a check needs', async () => {
  await using dir = await temporaryFolder();
  const key = newKey();
  const file = dir.join('signed.tar');
  await writeSigned(file, key);
  const { pem, keyId } = publicKeyOf(key);
  const signedBy = parsePublicKey(pem, 'key');
  assert.deepEqual((await verifyArchives([file], { ...options, signedBy })).damage, []);
  // Who does not ask for it is not hindered.
  assert.deepEqual((await verifyArchives([file], options)).damage, []);
  await using reader = await ArchiveReader.open(file, options);
  assert.equal(reader.manifest.signature?.keyId, keyId);

  const other = parsePublicKey(publicKeyOf(newKey()).pem, 'key');
  const { damage } = await verifyArchives([file], { ...options, signedBy: other });
  assert.match(damage[0]!.message, /it was signed with the key/);
  const plain = dir.join('plain.tar');
  await writeSigned(plain, undefined);
  const unsigned = await verifyArchives([plain], { ...options, signedBy });
  assert.match(unsigned.damage[0]!.message, /carries no signature/);
});

test('an archive that was made again with other content is not taken for signed', async () => {
  await using dir = await temporaryFolder();
  const key = newKey();
  const file = dir.join('signed.tar');
  await writeSigned(file, key);
  // Somebody who can write changes the finishing time and makes the seal anew.
  const bytes = await readFile(file);
  const at = bytes.indexOf('"finishedAtMs": 1');
  bytes[at + 16] = '2'.charCodeAt(0);
  const start = bytes.lastIndexOf('{\n  "formatVersion": 1,\n  "id"');
  const end = bytes.indexOf('\n}\n', bytes.indexOf('"signature"')) + 3;
  const seal = wasmDigester.digest(bytes.subarray(start, end)).toString('hex');
  bytes.write(seal, bytes.indexOf('  manifest.json\n') - 64, 'latin1');
  await writeFile(file, bytes);
  assert.deepEqual((await verifyArchives([file], options)).damage, []);
  const signedBy = parsePublicKey(publicKeyOf(key).pem, 'key');
  const { damage } = await verifyArchives([file], { ...options, signedBy });
  assert.match(damage[0]!.message, /signature by the key [0-9a-f]{16} is wrong/);
});

test('openssl checks the signature by the words of the specification', async () => {
  await using dir = await temporaryFolder();
  const key = newKey();
  const file = dir.join('signed.tar');
  await writeSigned(file, key);
  await writeFile(dir.join('key.pem'), publicKeyOf(key).pem);
  execFileSync('tar', ['-xf', file, '-C', dir.path, 'manifest.json']);
  const script = `
    sed -n 's/^    "value": "\\(.*\\)"$/\\1/p' manifest.json | base64 -d > signature
    sed '/^  "signature": {$/,$d' manifest.json | sed '$s/,$//' > signed && echo '}' >> signed
    openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in signed -sigfile signature`;
  const run = spawnSync('sh', ['-c', script], { cwd: dir.path, encoding: 'utf8' });
  assert.match(run.stdout, /Signature Verified Successfully/, run.stderr);
});

test('only an Ed25519 public key is taken for one', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  for (const text of ['', 'no key', pem, newKey().reveal()])
    assert.throws(() => parsePublicKey(text, 'it'), { code: 'invalid-input' });
});
