import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import { openChain } from '#mover/chain-files.ts';

/** Opens a chain and loads one disk's chunk tables: what every restore begins with. Prints milliseconds. */
const [repositoryId = '', label = '', ...files] = process.argv.slice(2);
for (const file of files) await stat(file);
const started = performance.now();
await using chain = await openChain(
  files.map((file) => ({
    repository: { root: dirname(dirname(file)), repositoryId },
    path: `${basename(dirname(file))}/${basename(file)}`,
  })),
  AbortSignal.timeout(60_000),
);
await chain.disk(label);
process.stdout.write(`${performance.now() - started}\n`);
