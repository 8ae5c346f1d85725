import type { Clock } from './clock.ts';
import { ColdframeError } from './error.ts';

export interface DeadlineOptions {
  readonly signal?: AbortSignal;
  readonly ms: number;
  /** What is being waited for, as the subject of the time-out's sentence. */
  readonly what: string;
}

/**
 * Runs `work` with a signal that fires when the caller's does or the time is up.
 * Throws `cancelled` or `timeout` instead of whatever the work made of the abort.
 */
export async function withDeadline<T>(
  clock: Clock,
  { signal, ms, what }: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const checkStopped = (): void => {
    if (signal?.aborted === true) throw cancelled(what, signal);
  };
  checkStopped();
  const expiry = new AbortController();
  const timer = new AbortController();
  clock.sleep(ms, timer.signal).then(
    () => expiry.abort(),
    () => undefined, // the work was done first
  );
  const both = signal === undefined ? expiry.signal : AbortSignal.any([signal, expiry.signal]);
  try {
    return await work(both);
  } catch (error) {
    checkStopped();
    if (!expiry.signal.aborted) throw error;
    throw new ColdframeError(
      'timeout',
      `${what} did not finish within ${Math.round(ms / 1000)} seconds.`,
      { cause: error },
    );
  } finally {
    timer.abort();
  }
}

export function cancelled(what: string, signal: AbortSignal): ColdframeError {
  const reason: unknown = signal.reason;
  return reason instanceof ColdframeError
    ? reason
    : new ColdframeError('cancelled', `${what} was stopped.`);
}
