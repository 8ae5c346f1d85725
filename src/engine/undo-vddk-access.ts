import { ColdframeError } from '#core/error.ts';
import type { JournalEntryOf } from '#core/journal.ts';

import { isHeldByOther, newerUser } from './disks-of-entry.ts';
import type { VsphereConnection } from './ports.ts';
import type { UndoOptions, UndoTools } from './undo-tools.ts';
import { vddkVmAccess } from './vddk-access.ts';

/**
 * VDDK's own clean-up and EndAccess from a fresh process, after a worker that did not end in
 * order; then whatever of the VM's disks is still attached to the appliance is detached.
 */
export async function undoVddkAccess(
  entry: JournalEntryOf<'vddk-access'> | JournalEntryOf<'disable-migration'>,
  { context, sources }: UndoTools,
  { signal }: UndoOptions,
): Promise<void> {
  const endpoint = await sources.endpoint(entry.endpointId);
  const { vmMoref } = entry.detail;
  const user = newerUser(entry, await context.journal.open());
  if (user !== undefined)
    throw new ColdframeError(
      'busy',
      `A newer task works on the same VM (journal entry ${user.id}); VDDK's traces are removed after it.`,
    );
  await using connection = await context.vsphere.connect(endpoint, signal);
  const vddk = await context.vddk.installed();
  if (vddk === undefined)
    throw new ColdframeError(
      'not-found',
      'VDDK is not installed any more, and without it its traces cannot be removed. Install it again.',
    );
  const { remaining } = await context.mover.run(
    {
      kind: 'vddk-cleanup',
      access: vddkVmAccess({ vddk, connection, endpoint, vmMoref }),
      ...(entry.kind === 'disable-migration' ? { endAccessIdentity: entry.detail.identity } : {}),
    },
    { signal },
  );
  if (entry.kind === 'vddk-access') await detachStrays(connection, vmMoref, signal);
  if (remaining > 0)
    throw new ColdframeError(
      'disk',
      `VDDK could not clean up ${remaining} of its disks yet; it is tried again.`,
    );

  async function detachStrays(on: VsphereConnection, moref: string, stop: AbortSignal) {
    const own = await on.findOwnVm(await context.devices.self(stop), stop);
    if (own === undefined || (await on.findVm({ moref }, stop)) === undefined) return;
    const vm = await on.getVm(moref, stop);
    const files = new Set(
      vm.disks.flatMap(({ backing }) => [backing.fileName, ...backing.parents]),
    );
    const open = await context.journal.open();
    const strays = (await on.listAttached(own, stop)).filter(
      (disk) =>
        [disk.fileName, ...(disk.parents ?? [])].some((each) => files.has(each)) &&
        !isHeldByOther(disk, entry, open),
    );
    if (strays.length === 0) return;
    for (const disk of strays) await context.devices.release(disk, stop).catch(() => undefined);
    await on.detachDisks(
      own,
      strays.map(({ key }) => key),
      stop,
    );
  }
}
