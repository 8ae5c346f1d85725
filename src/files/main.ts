import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from '#core/clock.ts';
import { toErrorRecord } from '#core/error.ts';

import { openFiles, type OpenedFiles } from './open-files.ts';
import { unpackOrder, type OpenAnswer } from './wire.ts';

/**
 * The process that holds one restore point open for browsing. It ends on SIGTERM, and when the
 * service that started it is gone, and takes libguestfs' VM with it.
 */

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};
const stop = new AbortController();
let opening: Promise<OpenedFiles> | undefined;

process.on('SIGTERM', () => void end()); // never rejects
process.on('disconnect', () => void end());
// A terminal sends Ctrl-C to the whole group; the service decides when we end.
process.on('SIGINT', () => undefined);
process.once('message', (message) => void open(message)); // failures become answers

async function open(message: unknown): Promise<void> {
  try {
    opening = openFiles(unpackOrder(message), { clock, signal: stop.signal });
    const { socket } = await opening;
    await tell({ type: 'ready', socket });
  } catch (error) {
    await tell({ type: 'failed', error: toErrorRecord(error) });
    await end();
  }
}

async function tell(answer: OpenAnswer): Promise<void> {
  if (!process.connected) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  // A service that is gone shows as 'disconnect'.
  process.send!(answer, undefined, undefined, () => resolve());
  await promise;
}

async function end(): Promise<void> {
  stop.abort();
  try {
    await (await opening)?.[Symbol.asyncDispose]();
  } catch {
    // What could not be opened has been told, and there is nobody to tell more.
  } finally {
    process.exit(0);
  }
}
