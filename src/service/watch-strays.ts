import type { Clock } from '#core/clock.ts';

import type { ServiceLog } from './log/logger.ts';
import type { Strays } from './operations/strays.ts';

/** After recover has had its time. */
const firstMs = 2 * 60_000;
const againMs = 60 * 60_000;

export interface StrayWatchOptions {
  readonly strays: Pick<Strays, 'look'>;
  readonly clock: Clock;
  readonly log: ServiceLog;
}

/** Looks every hour for what was left behind, for the Health page; releases nothing by itself. */
export function watchStrays({ strays, clock, log }: StrayWatchOptions): AsyncDisposable {
  const stop = new AbortController();
  const { signal } = stop;
  const work = (async () => {
    for (let waitMs = firstMs; !signal.aborted; waitMs = againMs)
      try {
        await clock.sleep(waitMs, signal);
        const { strays: found } = await strays.look({}, signal);
        const ours = found.filter(({ release }) => release === 'ours');
        for (const { text } of ours) log.log('warn', text);
      } catch (error) {
        if (!signal.aborted)
          log.log('warn', 'What is left in vSphere could not be looked for.', { error });
      }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await work;
    },
  };
}
