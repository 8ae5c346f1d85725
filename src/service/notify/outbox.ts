import type { Clock } from '#core/clock.ts';
import type { Posting } from '#core/notice.ts';

import type { ServiceLog } from '../log/logger.ts';
import type { Deliver, NotifyStore } from './store.ts';

/** A minute, then longer and longer; after about a day it is given up. */
const waitsMs = [60_000, 5 * 60_000, 15 * 60_000, 3_600_000, 4 * 3_600_000, 18 * 3_600_000];

export interface OutboxOptions {
  readonly store: Pick<NotifyStore, 'postings' | 'note'>;
  readonly clock: Clock;
  readonly log: ServiceLog;
  /** Undefined: nobody of that name is told any more. */
  readonly delivererOf: (to: string) => Promise<Deliver | undefined>;
}

/** Delivers what is due, each receiver by itself: one that is down holds up no other. */
export async function deliverDue(options: OutboxOptions, signal: AbortSignal): Promise<void> {
  const { store, clock } = options;
  const now = clock.now();
  const due = (await store.postings()).filter(({ nextMs }) => nextMs <= now);
  const byReceiver = Map.groupBy(due, ({ to }) => to);
  await Promise.all(
    [...byReceiver].map(([to, postings]) => deliverTo(options, { to, postings, signal })),
  );
}

async function deliverTo(
  options: OutboxOptions,
  {
    to,
    postings,
    signal,
  }: { readonly to: string; readonly postings: readonly Posting[]; readonly signal: AbortSignal },
): Promise<void> {
  const { store, clock, log, delivererOf } = options;
  const deliver = await delivererOf(to);
  const inOrder = postings.toSorted((a, b) => a.notice.timeMs - b.notice.timeMs);
  for (const posting of inOrder) {
    if (signal.aborted) return;
    try {
      await deliver?.(posting.notice, signal);
      await store.note({ donePostings: [posting.id] });
    } catch (error) {
      if (signal.aborted) return;
      const waitMs = waitsMs[posting.attempts];
      const details = { to, notice: posting.notice.title, attempts: posting.attempts + 1 };
      if (waitMs === undefined) {
        log.log('error', 'A notice could not be delivered and is given up.', { error, details });
        await store.note({ donePostings: [posting.id] });
        continue;
      }
      log.log('warn', 'A notice could not be delivered yet.', { error, details });
      const nextMs = clock.now() + waitMs;
      await store.note({ postings: [{ ...posting, attempts: posting.attempts + 1, nextMs }] });
      // What is behind it would wait as long for the same silence.
      return;
    }
  }
}
