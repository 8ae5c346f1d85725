import { VimFault } from '../soap/fault.ts';
import { demandLock } from './locks.ts';
import type { Site } from './site.ts';
import type { Vm } from './vm.ts';

export function demandPower(vm: Vm, wanted: Vm['power']): void {
  if (vm.power === wanted) return;
  throw new VimFault(
    'InvalidPowerState',
    `The attempted operation cannot be performed in the current state (${vm.power}).`,
    { requestedState: wanted, existingState: vm.power },
  );
}

/** Starts the VM: takes the locks on its disks, and tracking settles as at every stun. */
export async function powerOn(site: Site, vm: Vm): Promise<void> {
  for (const disk of vm.disks) demandLock(site, disk.leaf, { holder: vm, mode: 'write' });
  await vm.diskWork.run(async () => {
    await vm.settleTracking(() => site.newTracker());
    vm.power = 'poweredOn';
  });
}

export async function powerOff(vm: Vm): Promise<void> {
  await vm.diskWork.run(async () => {
    for (const disk of vm.disks) await disk.leaf.noteOwnWrites();
    vm.power = 'poweredOff';
  });
}
