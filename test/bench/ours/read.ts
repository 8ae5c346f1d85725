import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { OpenDisks } from '#transport/open-disks.ts';

import { standIn } from './stand-in.ts';

/** Reads a disk with digests and zero detection and throws the bytes away: the null sink. */
const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    'lib-dir': { type: 'string' },
    'state-dir': { type: 'string' },
    /** File of float64 pairs [offset, length, ...]; absent: what the source says is allocated. */
    extents: { type: 'string' },
    'latency-ms': { type: 'string' },
  },
});
const { image = '', 'state-dir': stateDir = '' } = values;
const lab = standIn({
  libDir: values['lib-dir'] ?? '',
  dir: stateDir,
  files: [image],
  ...(values['latency-ms'] === undefined ? {} : { latencyMs: Number(values['latency-ms']) }),
});
await using disks = await OpenDisks.open({
  disks: [{ label: 'disk', access: lab.access(image, 'read') }],
  readOnly: true,
  vddkStateDir: join(stateDir, 'vddk'),
  workerEnv: lab.workerEnv,
  onLog: () => undefined,
  signal: AbortSignal.timeout(600_000),
});
const { disk } = disks.disk('disk');
const extents =
  values.extents === undefined
    ? ((await disk.allocated()) ?? Float64Array.of(0, disk.info.capacityBytes))
    : new Float64Array(new Uint8Array(await readFile(values.extents)).buffer);
let bytes = 0;
for await (const { slots } of disk.read({ extents })) {
  for (const slot of slots) {
    bytes += slot.data.length;
    slot.release();
  }
}
await disks.close();
process.stdout.write(`${JSON.stringify({ bytes })}\n`);
