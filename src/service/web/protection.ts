/** How well one VM is protected, judged by its newest restore point and the job that is to renew it. */
export interface Protection {
  readonly level: 'protected' | 'late' | 'unprotected';
  readonly lastMs?: number;
}

const hourMs = 3_600_000;
/** A nightly backup may take until the next morning; so may any other, beyond its own period. */
const graceMs = 2 * hourMs;
export const defaultPeriodMs = 24 * hourMs;

/** `periodMs`: longest time between two runs of the VM's jobs. */
export function protectionOf(
  lastMs: number | undefined,
  nowMs: number,
  periodMs = defaultPeriodMs,
): Protection {
  if (lastMs === undefined) return { level: 'unprotected' };
  return { level: nowMs - lastMs > periodMs + graceMs ? 'late' : 'protected', lastMs };
}
