import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import type { Clock } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';

import { repositoryError, systemCode } from './fs-error.ts';
import { isDeadProcess, lockProcess, lockProcessSchema, type LockProcess } from './lock-process.ts';

const lockName = '.coldframe-lock.json';
const heartbeatMs = 30_000;
/** A holder that has not written for so long is dead; far beyond any pause of a live one. */
const staleAfterMs = 10 * 60_000;

const lockSchema = z.object({
  owner: z.string(),
  token: z.string(),
  heartbeatAtMs: z.number(),
  holder: lockProcessSchema.optional(),
});
type Lock = z.infer<typeof lockSchema>;

export interface VmLockHolder {
  /** Who holds it, for people: appliance and run. */
  readonly owner: string;
  readonly applianceId: string;
  /** Unique to this attempt. */
  readonly token: string;
  /** The process whose death ends the lock; default this one. */
  readonly process?: LockProcess;
}

export interface VmLockClaim extends VmLockHolder {
  /** The VM's folder in the repository. */
  readonly vmFolder: string;
  readonly clock: Pick<Clock, 'now'>;
}

export interface VmLockOptions extends VmLockClaim {
  readonly clock: Clock;
}

/**
 * One writer or pruner at a time in a VM's folder, across appliances that share the
 * repository. Throws 'busy' at once when another holds it. Disposing gives it back.
 */
export async function lockVmFolder(options: VmLockOptions): Promise<AsyncDisposable> {
  await takeVmLock(options);
  const beating = keepBeating(options.clock, () => beatVmLock(options));
  return {
    [Symbol.asyncDispose]: async () => {
      await beating[Symbol.asyncDispose]();
      await releaseVmLock(options);
    },
  };
}

/** Calls `beat` as often as a lock needs it, until disposed or until it says that the lock is no longer ours. */
export function keepBeating(clock: Clock, beat: () => Promise<boolean>): AsyncDisposable {
  const stop = new AbortController();
  const loop = async (): Promise<void> => {
    for (let ours = true; ours;) {
      await clock.sleep(heartbeatMs, stop.signal).catch(() => undefined);
      if (stop.signal.aborted) return;
      // A missed beat is made good by the next; ten minutes of them make the lock stale.
      ours = await beat().catch(() => true);
    }
  };
  const beating = loop();
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await beating;
    },
  };
}

/** Throws 'busy' when another holds it. It must be beaten, and given back by the same token. */
export async function takeVmLock(options: VmLockClaim): Promise<void> {
  const file = lockFile(options);
  if (await tryCreate(file, options)) return;
  await removeStale(file, options);
  if (!(await tryCreate(file, options))) throw heldError(file, await readLock(file));
}

/** Says that the holder lives; false: the lock is no longer this holder's. */
export async function beatVmLock(options: VmLockClaim): Promise<boolean> {
  const file = lockFile(options);
  const lock = await readLock(file);
  if (lock?.token !== options.token) return false;
  const fresh = `${file}.${options.token}`;
  await writeFile(fresh, lockText(options));
  await rename(fresh, file);
  return true;
}

export async function releaseVmLock(
  options: Pick<VmLockClaim, 'vmFolder' | 'token'>,
): Promise<void> {
  const file = lockFile(options);
  const lock = await readLock(file);
  if (lock?.token === options.token) await rm(file, { force: true });
}

function lockFile({ vmFolder }: Pick<VmLockClaim, 'vmFolder'>): string {
  return path.join(vmFolder, lockName);
}

/** By linking a file that is complete, so that a lock is never seen half written. */
async function tryCreate(file: string, options: VmLockClaim): Promise<boolean> {
  const own = `${file}.${options.token}`;
  try {
    await writeFile(own, lockText(options), { mode: 0o600 });
    await link(own, file);
    return true;
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') return false;
    throw repositoryError(`The lock ${file} cannot be made`, cause);
  } finally {
    await rm(own, { force: true });
  }
}

/** Takes a stale lock away by renaming it, so that of two who see it only one succeeds. */
async function removeStale(file: string, options: VmLockClaim): Promise<void> {
  const seen = await readLock(file);
  if (seen !== undefined && !isStale(seen, options)) throw heldError(file, seen);
  const aside = `${file}.${options.token}`;
  try {
    await rename(file, aside);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return;
    throw repositoryError(`The stale lock ${file} cannot be taken away`, cause);
  }
  const taken = await readLock(aside);
  // Between looking and renaming another may have replaced it: give that one back.
  if (taken !== undefined && !isStale(taken, options))
    await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

function isStale(lock: Lock, { applianceId, clock, process }: VmLockClaim): boolean {
  const self = process ?? lockProcess(applianceId);
  if (lock.holder !== undefined && isDeadProcess(lock.holder, self)) return true;
  return clock.now() - lock.heartbeatAtMs > staleAfterMs;
}

function lockText({ owner, applianceId, token, clock, process }: VmLockClaim): string {
  const holder = process ?? lockProcess(applianceId);
  const lock: Lock = { owner, token, heartbeatAtMs: clock.now(), holder };
  return `${JSON.stringify(lock)}\n`;
}

/** Undefined when there is none or it is not a lock. */
async function readLock(file: string): Promise<Lock | undefined> {
  try {
    return lockSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

function heldError(file: string, lock: Lock | undefined): ColdframeError {
  const who = lock === undefined ? 'another run' : lock.owner;
  return new ColdframeError(
    'busy',
    `${path.dirname(file)} is in use by ${who}. Wait until it has finished; after a crash the lock ends by itself within ten minutes.`,
  );
}
