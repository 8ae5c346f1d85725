/**
 * Makes test/fixtures/archives anew: `node test/support/golden-archives.ts <folder>`. Only for a
 * new format version; the archives of a released one stay as they are for ever.
 */
import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { seededRandom } from './random.ts';
import { writeSampleChain } from './sample-chain.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('name the folder to write to');

const expected: Record<string, unknown> = {};
for (const [name, compression] of [
  ['plain', 'none'],
  ['zstd', 'zstd'],
] as const) {
  const dir = path.join(folder, `v1-${name}`);
  await mkdir(dir, { recursive: true });
  const points = await writeSampleChain({
    dir,
    random: seededRandom(1),
    compressions: [compression, compression],
    capacityBytes: 48 * 1024 + 512,
    changesEach: 4,
  });
  for (const [index, point] of points.entries()) {
    const suffix = compression === 'zstd' ? '.tar.zst' : '.tar';
    const file = `${index === 0 ? 'full' : 'incremental'}${suffix}`;
    await rename(point.path, path.join(dir, file));
    const disks = [...point.states].map(([label, data]) => [
      label,
      { bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') },
    ]);
    expected[`v1-${name}/${file}`] = { seal: point.seal, disks: Object.fromEntries(disks) };
  }
}
await writeFile(path.join(folder, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);
