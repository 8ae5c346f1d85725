import { checkChunksHere, type ChunkCheck, type DamagedRange } from '#archive/check-chunks.ts';
import type { DiskReader } from '#archive/disk-reader.ts';
import { ColdframeError } from '#core/error.ts';
import { PieceBatch } from '#transport/native/piece-batch.ts';
import { verifyPieces } from '#transport/native/write-stream.ts';

import { zeroDigest } from './zero-digest.ts';

const batchRows = 1024;

/** Reads, decodes and digests a disk's chunks on native threads, all cores. */
export async function checkChunksNatively(check: ChunkCheck): Promise<readonly DamagedRange[]> {
  const { archive, disk, from, to, signal, onBytes } = check;
  // Native threads see what is stored; what is encrypted is opened chunk by chunk here.
  if (archive.file.isEncrypted) return checkChunksHere(check);
  const { table } = disk;
  const damaged: DamagedRange[] = [];
  await using stream = verifyPieces({
    archives: [archive.file.fd],
    slotBytes: archive.header.chunkBytes,
    onDamage: 'collect',
    signal,
  });
  let batch = new PieceBatch(batchRows);
  let batchBytes = 0;
  const push = async (): Promise<void> => {
    if (batch.count > 0) await stream.push(batch);
    onBytes(batchBytes);
    batch = new PieceBatch(batchRows);
    batchBytes = 0;
  };
  for (let index = from; index < to; index++) {
    const range = { offset: table.offset(index), length: table.length(index) };
    // A restore takes the flag's word and does not read zeros, so the flag must be true.
    const liar = table.isZero(index) && !zeroDigest(range.length).equals(table.digest(index));
    if (liar || !addChunk(batch, disk, index)) damaged.push(range);
    batchBytes += range.length;
    if (batch.count >= batchRows) await push();
  }
  await push();
  const { damage, damagedPieces } = await stream.finish();
  for (const { diskOffset, length } of damage) damaged.push({ offset: diskOffset, length });
  // Only the first ten thousand are listed; what lies beyond them is not vouched for.
  if (damagedPieces > damage.length) {
    const offset = Math.max(...damage.map(({ diskOffset }) => diskOffset));
    damaged.push({ offset, length: disk.capacityBytes - offset });
  }
  return damaged;
}

/** False when the archive does not even say where the chunk is. */
function addChunk(batch: PieceBatch, disk: DiskReader, index: number): boolean {
  const { table } = disk;
  const length = table.length(index);
  try {
    const { fileOffset, storedLength, isFrame, decodedLength, offsetInDecoded } =
      disk.locate(index);
    batch.add({
      archive: 0,
      fileOffset,
      storedLength,
      isFrame,
      decodedLength,
      chunkOffset: offsetInDecoded,
      chunkLength: length,
      pieceOffset: 0,
      pieceLength: length,
      diskOffset: table.offset(index),
      digest: table.digest(index),
      zeros: false,
      skipZero: false,
    });
    return true;
  } catch (error) {
    if (error instanceof ColdframeError) return false;
    throw error;
  }
}
