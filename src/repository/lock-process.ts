import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { systemCode } from './fs-error.ts';

/** Which process holds a lock, so that its own appliance can tell when it is dead. */
export const lockProcessSchema = z.object({
  applianceId: z.string(),
  /** Of the machine's last start; process ids mean something only within it. */
  bootId: z.string(),
  pid: z.number().int(),
  startedAtMs: z.number(),
});
export type LockProcess = z.infer<typeof lockProcessSchema>;

const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
/** Tells this process from an earlier one with the same id, as in containers. */
const startedAtMs = Math.round(performance.timeOrigin);

export function lockProcess(applianceId: string): LockProcess {
  return { applianceId, bootId, pid: process.pid, startedAtMs };
}

/** Certain only about processes of our own appliance since the machine started; else false. `self` asks. */
export function isDeadProcess(holder: LockProcess, self: LockProcess): boolean {
  if (holder.applianceId !== self.applianceId || holder.bootId !== self.bootId) return false;
  if (holder.pid === self.pid) return holder.startedAtMs !== self.startedAtMs;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}
