import type { VmDetails } from '#core/vm.ts';

import type { Effects } from './effects.ts';
import type { VsphereConnection } from './ports.ts';
import { notOpened } from './reach-disks.ts';
import type { ChosenTransport } from './transport-attempts.ts';

const name = 'coldframe restore';

/**
 * SAN writes to the base of a disk, which must not be the file that is in use: a snapshot comes
 * first. Undoing it reverts to it and then removes it, since what is above the base does not fit
 * it any more. Resolves with the snapshot's moref; without one the disks go by another transport.
 */
export async function snapshotToWriteBelow(
  effects: Effects,
  job: {
    readonly connection: VsphereConnection;
    readonly vm: VmDetails;
    readonly chosen: readonly ChosenTransport[];
  },
  signal: AbortSignal,
): Promise<string> {
  const { connection, vm, chosen } = job;
  const { moref: vmMoref, instanceUuid: vmInstanceUuid } = vm.identity;
  const detail = { vmMoref, vmInstanceUuid, snapshotName: name, revert: true };
  try {
    return await effects.make('restore-snapshot', detail, ({ marker }) =>
      connection.createSnapshot(
        {
          vmMoref,
          name,
          description: `Taken by coldframe to restore over SAN; reverted to and removed afterwards. ${marker}`,
          quiesce: false,
        },
        signal,
      ),
    );
  } catch (error) {
    signal.throwIfAborted();
    const overSan = chosen.filter(({ choice }) => choice === 'san');
    throw notOpened(
      overSan.map(({ label }) => label),
      error,
    );
  }
}
