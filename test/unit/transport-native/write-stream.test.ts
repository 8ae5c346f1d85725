import assert from 'node:assert/strict';
import { open, readFile, truncate, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import { blake3 } from '#transport/native/digest.ts';
import { PieceBatch } from '#transport/native/piece-batch.ts';
import type { Piece } from '#transport/native/piece-batch.ts';
import { verifyPieces } from '#transport/native/write-stream.ts';
import { zstdFrame } from '#transport/native/zstd.ts';

import { dice, mixedBytes, startWorker, temporaryFolder } from './disk-fixture.ts';

const chunkBytes = 128 * 1024;

/** An archive of runs of up to five chunks, frames and plain ones mixed, and the pieces that rebuild `bytes`. */
function archiveOf(bytes: Buffer, seed: number): { file: Buffer; pieces: Piece[] } {
  const roll = dice(seed);
  const parts: Buffer[] = [Buffer.alloc(777)];
  const pieces: Piece[] = [];
  let fileOffset = 777;
  for (let at = 0; at < bytes.length;) {
    const data = bytes.subarray(at, at + chunkBytes * (1 + roll(5)));
    const isFrame = roll(2) === 0;
    const stored = isFrame ? zstdFrame(data, 1) : data;
    for (let chunk = 0; chunk < data.length; chunk += chunkBytes) {
      const body = data.subarray(chunk, chunk + chunkBytes);
      const half = Math.floor(body.length / 1024) * 512;
      for (const [from, to] of [
        [0, half],
        [half, body.length],
      ] as const) {
        if (from === to) continue;
        pieces.push({
          archive: 0,
          fileOffset,
          storedLength: stored.length,
          isFrame,
          decodedLength: data.length,
          chunkOffset: chunk,
          chunkLength: body.length,
          pieceOffset: from,
          pieceLength: to - from,
          diskOffset: at + chunk + from,
          digest: blake3(body),
          zeros: false,
          skipZero: true,
        });
      }
    }
    parts.push(stored);
    fileOffset += stored.length;
    at += data.length;
  }
  return { file: Buffer.concat(parts), pieces };
}

function batches(pieces: readonly Piece[], size: number): PieceBatch[] {
  const all: PieceBatch[] = [];
  for (let at = 0; at < pieces.length; at += size) {
    const batch = new PieceBatch(2);
    for (const piece of pieces.slice(at, at + size)) batch.add(piece);
    all.push(batch);
  }
  return all;
}

function isCode(code: string) {
  return (error: unknown) => error instanceof ColdframeError && error.code === code;
}

async function damaged(path: string, offset: number): Promise<FileHandle> {
  const bytes = await readFile(path);
  bytes[offset]! ^= 0x40;
  await writeFile(path, bytes);
  return open(path);
}

test('a disk is rebuilt from an archive, zeros left alone', async () => {
  await using folder = await temporaryFolder();
  const bytes = mixedBytes(20 * 1024 * 1024 + 512, 11);
  const { file, pieces } = archiveOf(bytes, 2);
  await using archive = await open(await folder.file('archive', file));
  const target = await folder.file('target', Buffer.alloc(0));
  await truncate(target, bytes.length);
  await using worker = await startWorker();
  await using disk = await worker.openBlock({ path: target, readOnly: false });
  await using stream = disk.write({ archives: [archive.fd] });
  for (const batch of batches(pieces, 37)) await stream.push(batch);
  const totals = await stream.finish();
  assert.ok((await readFile(target)).equals(bytes));
  assert.equal(totals.writtenBytes + totals.zeroBytes, bytes.length);
  assert.ok(totals.zeroBytes > 0);
  assert.deepEqual(totals.damage, []);
});

test('damage stops a restore and names the place', async () => {
  await using folder = await temporaryFolder();
  const bytes = mixedBytes(4 * 1024 * 1024, 11);
  const { file, pieces } = archiveOf(bytes, 2);
  const victim = pieces.find(({ isFrame, diskOffset }) => !isFrame && diskOffset > 1_000_000)!;
  const path = await folder.file('archive', file);
  await using archive = await damaged(path, victim.fileOffset + victim.chunkOffset);
  const target = await folder.file('target', Buffer.alloc(bytes.length));
  await using worker = await startWorker();
  await using disk = await worker.openBlock({ path: target, readOnly: false });
  await using stream = disk.write({ archives: [archive.fd] });
  await assert.rejects(
    async () => {
      for (const batch of batches(pieces, 1000)) await stream.push(batch);
      await stream.finish();
    },
    (error) => {
      assert.ok(isCode('digest-mismatch')(error));
      assert.equal((error as ColdframeError).details['fileOffset'], victim.fileOffset);
      return true;
    },
  );
});

test('verify reads everything, needs no disk, and lists all damage', async () => {
  await using folder = await temporaryFolder();
  const bytes = mixedBytes(8 * 1024 * 1024, 5);
  const { file, pieces } = archiveOf(bytes, 4);
  const path = await folder.file('archive', file);
  {
    await using archive = await open(path);
    const stream = verifyPieces({ archives: [archive.fd], onDamage: 'collect' });
    for (const batch of batches(pieces, 50)) await stream.push(batch);
    const totals = await stream.finish();
    assert.equal(totals.damagedPieces, 0);
    assert.equal(totals.writtenBytes, 0);
  }
  const victim = pieces.findLast(({ isFrame }) => isFrame)!;
  await using archive = await damaged(path, victim.fileOffset + victim.storedLength - 2);
  await using stream = verifyPieces({ archives: [archive.fd], onDamage: 'collect' });
  for (const batch of batches(pieces, 50)) await stream.push(batch);
  const totals = await stream.finish();
  const hurt = pieces.filter(({ fileOffset }) => fileOffset === victim.fileOffset);
  assert.equal(totals.damagedPieces, hurt.length);
  assert.deepEqual(
    totals.damage.map(({ diskOffset }) => diskOffset).sort((a, b) => a - b),
    hurt.map(({ diskOffset }) => diskOffset),
  );
  assert.ok(totals.damage.every(({ kind }) => kind === 'frame'));
});

test('a truncated archive is damage, not a crash', async () => {
  await using folder = await temporaryFolder();
  const { file, pieces } = archiveOf(mixedBytes(2 * 1024 * 1024, 5), 4);
  await using archive = await open(
    await folder.file('archive', file.subarray(0, file.length - 10)),
  );
  await using stream = verifyPieces({ archives: [archive.fd] });
  await assert.rejects(async () => {
    for (const batch of batches(pieces, 1000)) await stream.push(batch);
    await stream.finish();
  }, isCode('archive-damaged'));
});

test('a worker that dies fails the restore with its story', async () => {
  await using folder = await temporaryFolder();
  const bytes = mixedBytes(8 * 1024 * 1024, 5);
  const { file, pieces } = archiveOf(bytes, 4);
  await using archive = await open(await folder.file('archive', file));
  const target = await folder.file('target', Buffer.alloc(bytes.length));
  await using worker = await startWorker();
  const disk = await worker.openBlock({ path: target, readOnly: false });
  await using stream = disk.write({ archives: [archive.fd] });
  process.kill(worker.pid!, 'SIGSTOP');
  for (const batch of batches(pieces, 1000)) await stream.push(batch);
  const finishing = stream.finish();
  worker.kill();
  await assert.rejects(
    finishing,
    (error) => isCode('process-died')(error) && /SIGKILL/.test((error as Error).message),
  );
});

test('a disk that is open for reading refuses the write', async () => {
  await using folder = await temporaryFolder();
  const bytes = mixedBytes(1024 * 1024, 5);
  const { file, pieces } = archiveOf(bytes, 4);
  await using archive = await open(await folder.file('archive', file));
  const target = await folder.file('target', Buffer.alloc(bytes.length));
  await using worker = await startWorker();
  await using disk = await worker.openBlock({ path: target, readOnly: true });
  await using stream = disk.write({ archives: [archive.fd] });
  await assert.rejects(async () => {
    for (const batch of batches(pieces, 1000)) await stream.push(batch);
    await stream.finish();
  }, isCode('disk'));
  assert.ok((await readFile(target)).equals(Buffer.alloc(bytes.length)));
});
