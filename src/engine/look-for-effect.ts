import type { JournalEntry } from '#core/journal.ts';

import type { EngineContext } from './ports.ts';

const defaultSettleMs = 20_000;
const pauseMs = 500;

/**
 * Looks for an entry's effect. When the outcome of its call is unknown and nothing is there, looks
 * again until the call has had its time: vCenter may still be at it.
 */
export async function lookForEffect<T>(
  { clock, settleMs = defaultSettleMs }: EngineContext,
  entry: JournalEntry,
  options: {
    readonly signal: AbortSignal;
    readonly uncertain: boolean;
    readonly look: () => Promise<readonly T[]>;
  },
): Promise<readonly T[]> {
  const untilMs = options.uncertain ? entry.createdAtMs + settleMs : 0;
  for (;;) {
    const found = await options.look();
    if (found.length > 0 || clock.now() >= untilMs) return found;
    await clock.sleep(pauseMs, options.signal);
  }
}
