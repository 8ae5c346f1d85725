import { ColdframeError } from '#core/error.ts';

import { carryOut } from './carry-out.ts';
import { createReporter, failure, parentChannel } from './channel.ts';
import { unpackStart } from './wire.ts';

/**
 * The mover process: one message with an order comes in, events go out, and it ends.
 * SIGTERM and the parent's going stop the order gracefully, which removes its unfinished archive.
 */

const heartbeatMs = 2000;
/** How long the graceful end may take once nobody waits for the result any more. */
const orphanMs = 20_000;

const stop = new AbortController();

process.on('SIGTERM', () => {
  stop.abort(new ColdframeError('cancelled', 'The mover was told to stop.'));
});
// A terminal sends Ctrl-C to the whole group; the service decides when movers end.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => {
  stop.abort(new ColdframeError('cancelled', 'The service that gave this order is gone.'));
  setTimeout(() => process.exit(1), orphanMs).unref();
});

const heartbeat = setInterval(() => {
  void parentChannel.send({ type: 'heartbeat' }); // a lost one shows on the other side
}, heartbeatMs);

process.once('message', (message) => {
  void run(message); // never rejects: whatever happens becomes an event
});
await parentChannel.send({ type: 'ready' });

async function run(message: unknown): Promise<void> {
  try {
    const { order, settings } = unpackStart(message);
    const reporter = createReporter(parentChannel, () => performance.now());
    const result = await carryOut(order, { settings, reporter, signal: stop.signal });
    await parentChannel.send({ type: 'result', result });
  } catch (error) {
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
    await parentChannel.send(failure(reason));
    process.exitCode = 1;
  }
  clearInterval(heartbeat);
  if (process.connected) process.disconnect();
}
