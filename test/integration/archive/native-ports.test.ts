import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { test } from 'node:test';

import { ArchiveReader } from '#archive/archive-reader.ts';
import { ArchiveWriter } from '#archive/archive-writer.ts';
import type { Digester, FrameCodec } from '#archive/ports.ts';
import { verifyArchives } from '#archive/verify.ts';
import { wholeDisk } from '#core/extents.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { sampleHeader, sampleSlots, writeSample } from '#test/support/archive-samples.ts';
import { seededRandom } from '#test/support/random.ts';
import { mixedDisk } from '#test/support/sample-disks.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { Blake3, blake3 } from '#transport/native/digest.ts';
import { openSink, sinkOn } from '#transport/native/sink.ts';
import { zstdDecode, zstdFrame } from '#transport/native/zstd.ts';

const nativeDigester: Digester = { digest: blake3, create: () => new Blake3() };
const nativeCodec: FrameCodec = {
  compress: (data) => zstdFrame(data, 1),
  decompress: zstdDecode,
};
const { signal } = new AbortController();
const capacityBytes = 3 * 1024 * 1024;

for (const compression of ['none', 'zstd'] as const) {
  test(`archives of the native parts and of the others read each other (${compression})`, async () => {
    await using dir = await temporaryFolder();
    const disk = {
      label: 'a',
      data: mixedDisk(seededRandom(12), capacityBytes),
      extents: wholeDisk(capacityBytes),
    };
    // Half of it zeros, so that the native sink makes holes.
    disk.data.fill(0, capacityBytes / 2);
    const header = sampleHeader([disk], { compression });
    const native = dir.join('native.tar');
    {
      await using sink = openSink(native);
      await using writer = new ArchiveWriter({
        sink,
        digester: nativeDigester,
        codec: nativeCodec,
      });
      await writer.begin(header);
      await writer.addMember('disks/a.metadata.json', Buffer.from('{}\n'));
      await writer.beginDisk('a', capacityBytes, disk.extents);
      const slots = sampleSlots(disk, {
        chunkBytes: header.chunkBytes,
        slotBytes: 1024 * 1024,
        digester: nativeDigester,
        ...(compression === 'zstd' ? { codec: nativeCodec } : {}),
      });
      for (const slot of slots) await writer.writeSlots([slot]);
      await writer.endDisk();
      const { archiveBytes } = await writer.seal(header.createdAtMs + 60_000);
      await sink.close();
      assert.equal((await stat(native)).size, archiveBytes);
    }
    const other = dir.join('other.tar');
    await writeSample({ path: other, header, disks: [disk] });
    if (compression === 'none')
      assert.ok((await readFile(native)).equals(await readFile(other)), 'the same bytes');
    for (const [file, digester, codec] of [
      [native, wasmDigester, nodeCodec],
      [other, nativeDigester, nativeCodec],
    ] as const) {
      const findings = await verifyArchives([file], { digester, codec, signal });
      assert.deepEqual(findings.damage, []);
      await using reader = await ArchiveReader.open(file, { digester, codec });
      const read = await reader.disk('a');
      const { table } = read;
      for (let i = 0; i < table.count; i++)
        assert.ok(
          (await read.readChunk(i)).equals(disk.data.subarray(table.offset(i), table.end(i))),
        );
    }
  });
}

test('a full disk is told as such, and nothing is left waiting', async () => {
  const disk = {
    label: 'a',
    data: mixedDisk(seededRandom(1), capacityBytes),
    extents: wholeDisk(capacityBytes),
  };
  await using sink = sinkOn(openSync('/dev/full', 'w'), '/dev/full');
  await using writer = new ArchiveWriter({ sink, digester: nativeDigester, codec: nativeCodec });
  const write = async (): Promise<void> => {
    await writer.begin(sampleHeader([disk]));
    await writer.beginDisk('a', capacityBytes, disk.extents);
    for (const slot of sampleSlots(disk, { chunkBytes: 65_536, slotBytes: 1024 * 1024 }))
      await writer.writeSlots([slot]);
    await writer.endDisk();
    await writer.seal(1);
  };
  await assert.rejects(write(), { code: 'no-space' });
});
