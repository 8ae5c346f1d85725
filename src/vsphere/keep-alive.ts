import type { Clock } from '#core/clock.ts';

const intervalMs = 5 * 60_000;

export interface Pinged {
  readonly ping: (signal: AbortSignal) => Promise<unknown>;
  readonly onFailure: (error: unknown) => void;
}

/** Asks now and then, so that the server does not drop the login for being idle. Ends with the signal. */
export async function keepAlive(
  clock: Clock,
  signal: AbortSignal,
  { ping, onFailure }: Pinged,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(intervalMs, signal);
      await ping(signal);
    } catch (error) {
      if (signal.aborted) return;
      onFailure(error);
    }
  }
}
