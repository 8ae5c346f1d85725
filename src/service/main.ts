import { once } from 'node:events';
import { parseArgs } from 'node:util';

import { toErrorRecord } from '#core/error.ts';

import { startService } from './compose.ts';
import { loadConfig } from './config.ts';
import { randomIds, systemClock } from './system-clock.ts';

/** `node src/service/main.ts [--data-dir PATH] [--config FILE]`; ends with SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { 'data-dir': { type: 'string' }, config: { type: 'string' } },
  });
  const config = loadConfig({
    ...(values['data-dir'] === undefined ? {} : { dataDir: values['data-dir'] }),
    ...(values.config === undefined ? {} : { configFile: values.config }),
  });
  const signals = new AbortController();
  const stopped = Promise.race(
    ['SIGTERM', 'SIGINT'].map(async (name) => {
      await once(process, name, { signal: signals.signal });
      return name;
    }),
  );
  const service = await startService({
    config,
    clock: systemClock,
    ids: randomIds,
    stream: process.stdout,
  });
  const name = await stopped;
  signals.abort();
  service.log.log('info', `Stopping: ${name}.`);
  await service[Symbol.asyncDispose]();
  service.log.log('info', 'Stopped.');
}

try {
  await main();
} catch (error) {
  const { message } = toErrorRecord(error);
  process.stderr.write(`coldframe service: ${message}\n`);
  process.exitCode = 1;
}
// A task that did not end in time must not keep the process; its mover sees us go and cleans up.
process.exit();
