import { ColdframeError } from '#core/error.ts';

import type { ServiceLog } from './log/logger.ts';
import type { UseCases } from './ports.ts';
import type { RunQueue } from './runs/run-queue.ts';
import type { Systemd } from './systemd.ts';

/** What could not be undone is tried again so often: hosts and servers come back. */
const againMs = 10 * 60_000;

export interface RecoverOptions {
  readonly queue: Pick<RunQueue, 'markInterrupted' | 'onTaskEnd' | 'start'>;
  readonly useCases: Pick<UseCases, 'recover'>;
  readonly systemd: Systemd;
  readonly log: ServiceLog;
}

/** First marks and undoes what a former process left, then lets tasks run; then looks again by the clock and after tasks that did not end well. */
export function recoverThenRun(options: RecoverOptions): AsyncDisposable {
  const { queue, useCases, systemd, log } = options;
  const stop = new AbortController();
  let work: Promise<void> = Promise.resolve();
  const recover = async (): Promise<void> => {
    try {
      const { undone, open } = await useCases.recover(stop.signal);
      if (undone > 0 || open.length > 0)
        log.log(open.length > 0 ? 'warn' : 'info', 'Undid what was left behind.', {
          details: { undone, open },
        });
    } catch (error) {
      if (!stop.signal.aborted)
        log.log('error', 'What was left behind could not be undone.', { error });
    }
  };
  let waiting = false;
  /** One after the other; what is asked for while one waits is seen to by that one. */
  const recoverNext = (): void => {
    if (waiting || stop.signal.aborted) return;
    waiting = true;
    work = work.then(() => {
      waiting = false;
      return stop.signal.aborted ? undefined : recover();
    });
  };
  const begin = async (): Promise<void> => {
    const interrupted = await queue.markInterrupted();
    if (interrupted > 0)
      log.log('warn', `${interrupted} runs were interrupted when the service ended.`);
    await recover();
    if (stop.signal.aborted) return;
    queue.start();
    await systemd.status('Ready.');
  };
  work = begin().catch((error: unknown) =>
    log.log('error', 'The runs of the last service could not be marked.', { error }),
  );
  queue.onTaskEnd(({ state }) => {
    if (state !== 'succeeded') recoverNext();
  });
  const timer = setInterval(recoverNext, againMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      stop.abort(new ColdframeError('cancelled', 'The service is stopping.'));
      await work;
    },
  };
}
