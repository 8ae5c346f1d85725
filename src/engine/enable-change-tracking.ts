import { toErrorRecord } from '#core/error.ts';
import type { VmDetails } from '#core/vm.ts';

import type { EngineContext, VsphereConnection } from './ports.ts';

/**
 * Switches changed block tracking on where the VM can have it and has not. It takes effect with
 * the stun of the snapshot that follows, and stays on. Failing costs speed, not the backup.
 */
export async function enableChangeTracking(
  context: EngineContext,
  { connection, vm }: { readonly connection: VsphereConnection; readonly vm: VmDetails },
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (vm.changeTrackingEnabled || !vm.changeTrackingSupported || vm.template) return [];
  try {
    await connection.setChangeTracking(vm.identity.moref, true, signal);
    context.log.info('Changed block tracking was switched on');
    return [];
  } catch (error) {
    signal.throwIfAborted();
    return [
      `Changed block tracking could not be switched on, so every backup is full: ${toErrorRecord(error).message}`,
    ];
  }
}
