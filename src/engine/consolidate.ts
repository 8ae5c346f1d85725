import { ColdframeError } from '#core/error.ts';

import type { VsphereConnection } from './ports.ts';

/** Consolidates a VM that needs it, and looks whether that has helped. */
export async function consolidateIfNeeded(
  connection: VsphereConnection,
  vmMoref: string,
  signal: AbortSignal,
): Promise<void> {
  if (!(await connection.getVm(vmMoref, signal)).consolidationNeeded) return;
  await connection.consolidate(vmMoref, { signal });
  const { consolidationNeeded, identity } = await connection.getVm(vmMoref, signal);
  if (consolidationNeeded)
    throw new ColdframeError(
      'vsphere-fault',
      `The disks of ${identity.name} still need consolidation. Look for what holds its files, then consolidate it in the vSphere Client.`,
    );
}
