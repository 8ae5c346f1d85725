import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';

import { startNbd } from '#test/support/nbd-process.ts';

/** `coldframe tool nbd` for one nbdcopy that throws everything away. */
const { values } = parseArgs({
  options: { archive: { type: 'string' }, 'lib-dir': { type: 'string' } },
});
await using nbd = await startNbd(['tool', 'nbd', values.archive ?? '']);
const [uri] = nbd.uris.values();
const copy = spawn('nbdcopy', [uri ?? '', 'null:'], { stdio: ['ignore', 'inherit', 'inherit'] });
const [code] = (await once(copy, 'exit')) as [number | null];
process.exitCode = code ?? 1;
