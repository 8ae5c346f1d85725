import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { ArchiveReader } from '#archive/archive-reader.ts';
import { wholeDisk } from '#core/extents.ts';
import { nodeCodec, wasmDigester } from '#test/support/archive-ports.ts';
import { mappedOnly, sampleHeader, writeSample } from '#test/support/archive-samples.ts';
import { seededRandom } from '#test/support/random.ts';
import { mixedDisk, randomExtents } from '#test/support/sample-disks.ts';

const ports = { digester: wasmDigester, codec: nodeCodec };

for (const compression of ['none', 'zstd'] as const) {
  test(`what is written is read back, by us and by GNU tar (${compression})`, async () => {
    const seed = 20260102;
    const random = seededRandom(seed);
    const dir = mkdtempSync(path.join(tmpdir(), 'coldframe-archive-'));
    try {
      const capacityBytes = 5 * 1024 * 1024 + 512;
      const disks = [
        {
          label: 'whole',
          data: mixedDisk(random, capacityBytes),
          extents: wholeDisk(capacityBytes),
        },
        {
          label: 'parts',
          data: mixedDisk(random, capacityBytes),
          extents: randomExtents(random, { capacityBytes, count: 40, maxBytes: 96 * 1024 }),
        },
        { label: 'none', data: Buffer.alloc(1024 * 1024), extents: new Float64Array(0) },
      ];
      const header = sampleHeader(disks, { compression });
      const file = path.join(dir, compression === 'zstd' ? 'a.tar.zst' : 'a.tar');
      const config = Buffer.from('<config/>');
      const sealed = await writeSample({
        path: file,
        header,
        disks,
        extraMembers: [
          { name: 'vm/config.xml', data: config },
          { name: 'vm/nvram', data: Buffer.alloc(0) },
        ],
      });
      assert.equal(sealed.archiveBytes, statSync(file).size);

      await using reader = await ArchiveReader.open(file, ports);
      assert.deepEqual(reader.header, header);
      assert.deepEqual(reader.manifest, sealed.manifest);
      assert.equal(reader.seal, sealed.seal);
      assert.deepEqual(await reader.readMember('vm/config.xml'), config);
      for (const disk of disks) {
        const read = await reader.disk(disk.label);
        const restored = Buffer.alloc(read.capacityBytes);
        for (let i = 0; i < read.table.count; i++)
          (await read.readChunk(i)).copy(restored, read.table.offset(i));
        assert.ok(restored.equals(mappedOnly(disk)), `disk ${disk.label}, seed ${seed}`);
        assert.deepEqual(read.table.extents(), disk.extents);
        if (compression === 'none') {
          const raw = reader.member(`disks/${disk.label}.raw`);
          assert.equal(raw!.dataOffset % 4096, 0);
        }
      }

      const out = path.join(dir, 'out');
      mkdirSync(out);
      const decompress = compression === 'zstd' ? ['--zstd'] : [];
      const said = execFileSync('tar', [...decompress, '-xf', file, '-C', out], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      assert.equal(said, '');
      for (const disk of disks) {
        const image = readFileSync(path.join(out, 'disks', `${disk.label}.raw`));
        assert.ok(image.equals(mappedOnly(disk)), `tar: disk ${disk.label}, seed ${seed}`);
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
}
