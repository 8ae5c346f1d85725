import {
  consolidate,
  createSnapshot,
  removeSnapshots,
  revertTo,
  snapshotOf,
} from '../model/snapshots.ts';
import type { Snapshot } from '../model/vm.ts';
import { vmOf } from '../model/reconfigure.ts';
import { VimFault } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';
import type { Call, Handler } from './call.ts';
import { startVmTask } from './call.ts';

export const snapshotHandlers: Readonly<Record<string, Handler>> = {
  CreateSnapshot_Task: (call) => create(call, call.parameters['quiesce'] === true),
  CreateSnapshotEx_Task: (call) => create(call, call.parameters['quiesceSpec'] !== undefined),
  RemoveSnapshot_Task: (call) => {
    const { vm, snapshot } = snapshotOf(call.site, call.target);
    call.privileges.demand('VirtualMachine.State.RemoveSnapshot', vm.ref);
    const snapshots =
      call.parameters['removeChildren'] === true ? withChildren(snapshot) : [snapshot];
    const consolidated = call.parameters['consolidate'] !== false;
    return startVmTask(call, {
      vm,
      descriptionId: 'VirtualMachineSnapshot.remove',
      work: async (progress) => {
        await removeSnapshots(call.site, vm, { snapshots, consolidate: consolidated, progress });
      },
    });
  },
  RemoveAllSnapshots_Task: (call) => {
    const vm = vmOf(call.site, call.target);
    call.privileges.demand('VirtualMachine.State.RemoveSnapshot', vm.ref);
    return startVmTask(call, {
      vm,
      descriptionId: 'VirtualMachine.removeAllSnapshots',
      work: async (progress) => {
        const snapshots = vm.allSnapshots().reverse();
        await removeSnapshots(call.site, vm, { snapshots, consolidate: true, progress });
      },
    });
  },
  RenameSnapshot: (call) => {
    const { vm, snapshot } = snapshotOf(call.site, call.target);
    call.privileges.demand('VirtualMachine.State.RenameSnapshot', vm.ref);
    snapshot.name = (call.parameters['name'] as string | undefined) ?? snapshot.name;
    snapshot.description =
      (call.parameters['description'] as string | undefined) ?? snapshot.description;
    call.site.inventory.changed();
  },
  RevertToSnapshot_Task: (call) => {
    const { snapshot } = snapshotOf(call.site, call.target);
    return revert(call, snapshot);
  },
  RevertToCurrentSnapshot_Task: (call) => {
    const vm = vmOf(call.site, call.target);
    if (vm.currentSnapshot === undefined)
      throw new VimFault('NotFound', 'The virtual machine has no current snapshot.');
    return revert(call, vm.currentSnapshot);
  },
  ConsolidateVMDisks_Task: (call) => {
    const vm = vmOf(call.site, call.target);
    call.privileges.demand('VirtualMachine.State.RemoveSnapshot', vm.ref);
    return startVmTask(call, {
      vm,
      descriptionId: 'VirtualMachine.consolidateDisks',
      work: async (progress) => {
        await consolidate(call.site, vm, progress);
      },
    });
  },
};

function create(call: Call, quiesce: boolean): Ref {
  const vm = vmOf(call.site, call.target);
  call.privileges.demand('VirtualMachine.State.CreateSnapshot', vm.ref);
  if (vm.template || vm.quirks.snapshotsSupported === false)
    throw new VimFault('NotSupported', 'A template cannot be snapshotted.');
  const shared = vm.devices.some((device) => {
    const { sharedBus } = device as { sharedBus?: string };
    return sharedBus !== undefined && sharedBus !== 'noSharing';
  });
  if (shared)
    throw new VimFault(
      'GenericVmConfigFault',
      'A SCSI controller with a shared bus forbids snapshots.',
      { reason: 'shared bus' },
    );
  const name = call.parameters['name'] as string;
  const description = (call.parameters['description'] as string | undefined) ?? '';
  return startVmTask(call, {
    vm,
    descriptionId: 'VirtualMachine.createSnapshot',
    work: async () => await createSnapshot(call.site, vm, { name, description, quiesce }),
  });
}

function revert(call: Call, snapshot: Snapshot): Ref {
  const { vm } = snapshotOf(call.site, snapshot.ref);
  call.privileges.demand('VirtualMachine.State.RevertToSnapshot', vm.ref);
  return startVmTask(call, {
    vm,
    descriptionId: 'VirtualMachine.revertToSnapshot',
    work: async () => {
      await revertTo(call.site, vm, snapshot);
    },
  });
}

function withChildren(snapshot: Snapshot): Snapshot[] {
  return [...snapshot.children.flatMap(withChildren), snapshot];
}
