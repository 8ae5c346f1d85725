import type { EngineContext } from './ports.ts';

const defaultSettleMs = 20_000;
const pauseMs = 500;

/**
 * Looks for an effect. When the outcome of its call is unknown, first waits for what vSphere is
 * at, however long that takes, and while nothing is there looks again until a call that is still
 * on its way would have arrived. Counted from now: nobody knows when the call was made.
 */
export async function lookForEffect<T>(
  { clock, settleMs = defaultSettleMs }: EngineContext,
  options: {
    readonly signal: AbortSignal;
    readonly uncertain: boolean;
    readonly look: () => Promise<readonly T[]>;
    /** Waits for the running vim tasks that may be the call's. */
    readonly settled: () => Promise<void>;
  },
): Promise<readonly T[]> {
  const untilMs = clock.now() + settleMs;
  for (;;) {
    const last = clock.now() >= untilMs;
    if (options.uncertain) await options.settled();
    const found = await options.look();
    if (found.length > 0 || !options.uncertain || last) return found;
    await clock.sleep(pauseMs, options.signal);
  }
}
