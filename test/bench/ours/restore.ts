import { open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { parseArgs } from 'node:util';

import { initialiseRepository } from '#repository/initialise.ts';

import { standIn } from './stand-in.ts';

/** One restore as the service orders it, to a fresh sparse disk, read-back switched off. */
const { values } = parseArgs({
  options: {
    archive: { type: 'string' },
    'lib-dir': { type: 'string' },
    target: { type: 'string' },
    capacity: { type: 'string' },
    'read-back': { type: 'string', default: 'off' },
  },
});
const { archive = '', target = '' } = values;
const root = dirname(dirname(archive));
const repositoryId = (
  await initialiseRepository({ root, id: 'benchrepository1', nowMs: Date.now() })
).marker.id;
await using file = await open(target, 'w');
await file.truncate(Number(values.capacity));
await stat(archive);
const lab = standIn({ libDir: values['lib-dir'] ?? '', dir: `${target}.state`, files: [target] });
const result = await lab.mover.run(
  {
    kind: 'restore',
    chain: [
      {
        repository: { root, repositoryId },
        path: `${basename(dirname(archive))}/${basename(archive)}`,
      },
    ],
    disks: [{ label: 'disk-2000', access: lab.access(target, 'write'), targetIsZero: true }],
    readBack: values['read-back'] === 'full' ? 'full' : 'off',
  },
  { signal: AbortSignal.timeout(600_000) },
);
process.stdout.write(`${JSON.stringify(result.disks)}\n`);
