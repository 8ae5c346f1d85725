import { mkdir, readFile, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { initialiseRepository } from '#repository/initialise.ts';

import { benchHeader } from './header.ts';
import { standIn } from './stand-in.ts';

/** One backup as the service orders it: mover, disk worker, digests, archive, fdatasync, rename. */
const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    'lib-dir': { type: 'string' },
    /** Becomes a repository when it is none. */
    out: { type: 'string' },
    compression: { type: 'string', default: 'none' },
    extents: { type: 'string' },
    'latency-ms': { type: 'string' },
  },
});
const { image = '', out = '' } = values;
const compression = values.compression === 'zstd' ? 'zstd' : 'none';
const capacityBytes = (await stat(image)).size;
await mkdir(out, { recursive: true });
const repositoryId = (
  await initialiseRepository({ root: out, id: 'benchrepository1', nowMs: Date.now() })
).marker.id;
const lab = standIn({
  libDir: values['lib-dir'] ?? '',
  dir: `${out}.state`,
  files: [image],
  ...(values['latency-ms'] === undefined ? {} : { latencyMs: Number(values['latency-ms']) }),
});
const result = await lab.mover.run(
  {
    kind: 'backup',
    repository: { root: out, repositoryId },
    path: `bench_00000000-0000-0000-0000-000000000001/20260101T000000Z_full_benchbenchbenchb.tar${compression === 'zstd' ? '.zst' : ''}`,
    header: benchHeader([{ label: 'disk-2000', capacityBytes }], compression),
    members: [],
    disks: [
      {
        label: 'disk-2000',
        access: lab.access(image, 'read'),
        extents:
          values.extents === undefined
            ? Float64Array.of(0, capacityBytes)
            : await readExtents(values.extents),
        useAllocated: values.extents === undefined,
      },
    ],
    compressLevel: 1,
  },
  { signal: AbortSignal.timeout(600_000) },
);
process.stdout.write(
  `${JSON.stringify({ archiveBytes: result.archiveBytes, readBytes: result.readBytes })}\n`,
);

async function readExtents(path: string): Promise<Float64Array> {
  const file = await readFile(path);
  const copy = new Uint8Array(file);
  return new Float64Array(copy.buffer);
}
