import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until `probe` gives a value; what was wrong last time goes into the error. */
export async function until<Value>(
  what: string,
  limitMs: number,
  probe: () => Promise<Value | undefined>,
): Promise<Value> {
  const end = performance.now() + limitMs;
  let last: unknown;
  do {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await sleep(500);
  } while (performance.now() < end);
  throw new Error(`${what}: not within ${limitMs / 1000} s`, { cause: last });
}
