import { ColdframeError, toErrorRecord } from '#core/error.ts';
import { checkDatastoreSpace } from '#core/space.ts';
import type { VmDetails } from '#core/vm.ts';

import type { EngineContext, VsphereConnection } from './ports.ts';

const checkEveryMs = 30_000;

export interface WatchedSpace {
  readonly connection: VsphereConnection;
  readonly vm: VmDetails;
  readonly signal: AbortSignal;
}

/**
 * Runs `work` while the snapshot's redo logs have room to grow: when a datastore of the VM runs
 * full, its signal fires and 'no-space' is thrown, so that the snapshot goes before the VM stops.
 */
export async function whileThereIsSpace<T>(
  context: EngineContext,
  { connection, vm, signal }: WatchedSpace,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const full = new AbortController();
  const ended = new AbortController();
  const watching = watch(AbortSignal.any([signal, ended.signal]));
  try {
    return await work(AbortSignal.any([signal, full.signal]));
  } catch (error) {
    if (full.signal.aborted && !signal.aborted) throw full.signal.reason;
    throw error;
  } finally {
    ended.abort();
    await watching;
  }

  async function watch(until: AbortSignal): Promise<void> {
    const morefs = new Set(vm.disks.map(({ backing }) => backing.datastoreMoref));
    while (!full.signal.aborted) {
      try {
        await context.clock.sleep(context.spaceCheckMs ?? checkEveryMs, until);
        for (const moref of morefs) if (moref !== '') await check(moref, until);
      } catch (error) {
        if (until.aborted) return;
        // The copy itself tells when vSphere is gone for good.
        context.log.warn(
          `The free space of a datastore cannot be read: ${toErrorRecord(error).message}`,
        );
      }
    }
  }

  async function check(moref: string, until: AbortSignal): Promise<void> {
    const findings = checkDatastoreSpace(await connection.getDatastore(moref, until));
    const finding = findings.find(({ id }) => id === 'datastore-full');
    if (finding === undefined) return;
    full.abort(
      new ColdframeError(
        'no-space',
        `The backup was ended, so that its snapshot does not stop the VM. ${finding.text}`,
      ),
    );
  }
}
