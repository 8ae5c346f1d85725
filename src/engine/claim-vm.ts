import { ColdframeError } from '#core/error.ts';
import type { VmIdentity } from '#core/vm.ts';

import type { EngineContext } from './ports.ts';

const claims = new WeakMap<EngineContext['vsphere'], Set<string>>();

/**
 * Holds a VM for one task until disposed: two snapshots of it at once, or a restore under a
 * backup, would spoil both. Throws 'busy' when another task of this process holds it.
 */
export function claimVm(context: EngineContext, vm: VmIdentity): Disposable {
  let held = claims.get(context.vsphere);
  if (held === undefined) claims.set(context.vsphere, (held = new Set()));
  const key = `${vm.endpointUuid} ${vm.instanceUuid} ${vm.moref}`;
  if (held.has(key))
    throw new ColdframeError(
      'busy',
      `${vm.name} is being backed up or restored by another task. Wait until that has ended.`,
    );
  held.add(key);
  const all = held;
  return { [Symbol.dispose]: () => void all.delete(key) };
}
