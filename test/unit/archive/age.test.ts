import assert from 'node:assert/strict';
import { open, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { makeAgeStart } from '#archive/age-header.ts';
import { checkRecipients, parseIdentities, recipientOf } from '#archive/age-keys.ts';
import { plainBytesOf, plainChunkBytes } from '#archive/age-payload.ts';
import { AgeSink } from '#archive/age-sink.ts';
import { ArchiveFile } from '#archive/archive-file.ts';
import { ageDecrypt, ageEncrypt, ageKey } from '#test/support/age-program.ts';
import { fileSink } from '#test/support/file-sink.ts';
import { seededRandom, type Random } from '#test/support/random.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

/** Around every border of a chunk, and some in between. */
const sizes = [
  1,
  plainChunkBytes - 1,
  plainChunkBytes,
  plainChunkBytes + 1,
  3 * plainChunkBytes,
  300_001,
];

function randomBytes(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  random.fill(bytes);
  return bytes;
}

/** Pieces of random lengths, and holes where `data` has zeros. */
async function encrypt(
  { path, recipients, random }: { path: string; recipients: readonly string[]; random: Random },
  data: Buffer,
): Promise<void> {
  await using file = await fileSink(path);
  const sink = new AgeSink(file, await makeAgeStart(recipients));
  const writes: Promise<void>[] = [];
  for (let at = 0; at < data.length;) {
    const length = Math.min(data.length - at, 1 + random.below(90_000));
    const part = data.subarray(at, at + length);
    const isHole = part.every((byte) => byte === 0);
    writes.push(isHole ? sink.hole(length) : sink.writev([part.subarray(0, 7), part.subarray(7)]));
    at += length;
  }
  await Promise.all(writes);
  await sink.sync();
  await assert.rejects(sink.writev([Buffer.alloc(1)]), { code: 'internal' });
}

test('what is encrypted is opened by age with the key of each recipient', async () => {
  await using dir = await temporaryFolder();
  const keys = [await ageKey(dir.join('a.key')), await ageKey(dir.join('b.key'))];
  const recipients = keys.map(({ recipient }) => recipient);
  const random = seededRandom(1);
  for (const size of sizes) {
    const data = randomBytes(random, size);
    data.fill(0, Math.floor(size / 3), Math.floor(size / 2));
    const path = dir.join(`${size}.age`);
    await encrypt({ path, recipients, random }, data);
    for (const [index, { identityFile }] of keys.entries()) {
      const plain = dir.join(`${size}.${index}`);
      await ageDecrypt(path, plain, identityFile);
      assert.ok((await readFile(plain)).equals(data), `${size} bytes, key ${index}`);
    }
  }
});

test('what age encrypted is read at any place', async () => {
  await using dir = await temporaryFolder();
  const { recipient, identity } = await ageKey(dir.join('key'));
  const other = await ageKey(dir.join('other'));
  const random = seededRandom(2);
  for (const size of sizes) {
    const data = randomBytes(random, size);
    await writeFile(dir.join('plain'), data);
    const path = dir.join(`${size}.age`);
    await ageEncrypt(dir.join('plain'), path, [other.recipient, recipient]);
    await using file = await ArchiveFile.open(path, [identity]);
    assert.equal(file.size, size);
    assert.equal(file.isEncrypted, true);
    assert.ok((await file.read(0, size)).equals(data));
    for (let round = 0; round < 20; round++) {
      const offset = random.below(size);
      const length = random.below(size - offset + 1);
      assert.ok((await file.read(offset, length)).equals(data.subarray(offset, offset + length)));
    }
    await assert.rejects(file.read(size - 1, 2), { code: 'archive-damaged' });
  }
});

test('a flipped bit, a missing end and a swapped chunk are found', async () => {
  await using dir = await temporaryFolder();
  const { recipient, identity } = await ageKey(dir.join('key'));
  const path = dir.join('file.age');
  const data = randomBytes(seededRandom(3), 3 * plainChunkBytes + 100);
  await encrypt({ path, recipients: [recipient], random: seededRandom(4) }, data);
  const good = await readFile(path);
  const readAll = async (bytes: Buffer): Promise<Buffer> => {
    await writeFile(path, bytes);
    await using file = await ArchiveFile.open(path, [identity]);
    return await file.read(0, file.size);
  };
  assert.ok((await readAll(good)).equals(data));
  const inMac = good.indexOf('\n--- ') + 8;
  for (const at of [inMac, good.length - 1, good.length - 40, good.length - 100_000]) {
    const flipped = Buffer.from(good);
    flipped[at]! ^= 1;
    await assert.rejects(readAll(flipped), { code: 'archive-damaged' }, `byte ${at}`);
  }
  const sealed = plainChunkBytes + 16;
  // Cut between two chunks: every chunk is whole, and the last does not say that it is.
  await assert.rejects(readAll(good.subarray(0, good.length - 116)), { code: 'archive-damaged' });
  await assert.rejects(readAll(good.subarray(0, good.length - 110)), { code: 'archive-damaged' });
  await assert.rejects(readAll(good.subarray(0, 30)), { code: 'archive-damaged' });
  const start = good.length - 3 * sealed - 116;
  const swapped = Buffer.concat([
    good.subarray(0, start),
    good.subarray(start + sealed, start + 2 * sealed),
    good.subarray(start, start + sealed),
    good.subarray(start + 2 * sealed),
  ]);
  await assert.rejects(readAll(swapped), { code: 'archive-damaged' });
});

test('without the right key a file is locked, and the error names no key', async () => {
  await using dir = await temporaryFolder();
  const [right, wrong] = [await ageKey(dir.join('right')), await ageKey(dir.join('wrong'))];
  const path = dir.join('file.age');
  await encrypt(
    { path, recipients: [right.recipient], random: seededRandom(5) },
    Buffer.alloc(9, 1),
  );
  await assert.rejects(ArchiveFile.open(path), { code: 'locked', message: /no key was given/ });
  await assert.rejects(ArchiveFile.open(path, [wrong.identity]), (error: Error) => {
    assert.match(error.message, /none of the keys/);
    assert.doesNotMatch(error.message, new RegExp(wrong.identity.reveal()));
    return true;
  });
  await using handle = await open(path);
  assert.match(
    (await handle.readFile()).toString('latin1'),
    /^age-encryption\.org\/v1\n-> X25519 /,
  );
});

test('keys are taken as age-keygen writes them and refused otherwise', async () => {
  await using dir = await temporaryFolder();
  const key = await ageKey(dir.join('key'));
  assert.equal(await recipientOf(key.identity), key.recipient);
  await checkRecipients([key.recipient]);
  const mistyped = key.recipient.slice(0, -1) + (key.recipient.endsWith('q') ? 'p' : 'q');
  for (const bad of ['', 'age1', mistyped, key.identity.reveal(), `${key.recipient}x`])
    await assert.rejects(checkRecipients([bad]), (error: Error) => {
      assert.match(error.message, /not a public key of age/);
      assert.doesNotMatch(error.message, /AGE-SECRET-KEY-1/);
      return true;
    });
  for (const bad of ['', '# nothing\n', key.recipient, `${key.identity.reveal()}Q`])
    await assert.rejects(parseIdentities(bad, 'key.txt'), (error: Error) => {
      assert.match(error.message, /^key\.txt is not an identity file/);
      assert.ok(!error.message.includes(key.identity.reveal()));
      return true;
    });
});

test('no payload has the size of one that was cut inside a tag', () => {
  const sealed = plainChunkBytes + 16;
  assert.equal(plainBytesOf(0), undefined);
  assert.equal(plainBytesOf(15), undefined);
  assert.equal(plainBytesOf(16), 0);
  assert.equal(plainBytesOf(sealed), plainChunkBytes);
  for (let extra = 1; extra <= 16; extra++) assert.equal(plainBytesOf(sealed + extra), undefined);
  assert.equal(plainBytesOf(sealed + 17), plainChunkBytes + 1);
});
