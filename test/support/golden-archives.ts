/**
 * Makes test/fixtures/archives anew: `node test/support/golden-archives.ts <folder>`. Only for a
 * new format version; the archives of a released one stay as they are for ever.
 */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { manifestSigner, publicKeyOf } from '#archive/signature.ts';
import { Secret } from '#core/secret.ts';

import { seededRandom } from './random.ts';
import { writeSampleChain, type SamplePoint } from './sample-chain.ts';
import { writeSynthetic } from './synthetic-sample.ts';

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
    expected[`v1-${name}/${file}`] = { seal: point.seal, disks: disksOf(point) };
  }
}
await writeSyntheticGolden();
await writeFile(path.join(folder, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);

/** A signed synthetic full of two archives, and the third one of the chain on it. */
async function writeSyntheticGolden(): Promise<void> {
  const name = 'v1-synthetic';
  const dir = path.join(folder!, name);
  await mkdir(dir, { recursive: true });
  const points = await writeSampleChain({
    dir,
    random: seededRandom(2),
    compressions: ['zstd', 'zstd', 'zstd'],
    capacityBytes: 48 * 1024 + 512,
    changesEach: 4,
  });
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const full = path.join(dir, 'full.tar.zst');
  const made = await writeSynthetic(points.slice(0, 2), full, { sign: manifestSigner(key) });
  await writeFile(path.join(dir, 'key.pem'), publicKeyOf(key).pem);
  await rename(points[2]!.path, path.join(dir, 'incremental.tar.zst'));
  for (const { path: spare } of points.slice(0, 2)) await rm(spare);
  expected[`${name}/full.tar.zst`] = { seal: made.seal, disks: disksOf(points[1]!) };
  expected[`${name}/incremental.tar.zst`] = { seal: points[2]!.seal, disks: disksOf(points[2]!) };
}

function disksOf({ states }: SamplePoint): object {
  return Object.fromEntries(
    [...states].map(([label, data]) => [
      label,
      { bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') },
    ]),
  );
}
