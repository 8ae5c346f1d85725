import type { DeviceChange } from '../model/device-changes.ts';
import { demandPower, powerOff, powerOn } from '../model/power.ts';
import {
  checkNewName,
  createVm,
  destroyVm,
  escapeName,
  placeIn,
  registerVm,
  unregisterVm,
} from '../model/provision.ts';
import type { ConfigSpec } from '../model/reconfigure.ts';
import { checkSpec, reconfigure, vmOf } from '../model/reconfigure.ts';
import type { Vm } from '../model/vm.ts';
import { fileFault, invalidArgument, VimFault } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';
import type { Call, Handler } from './call.ts';
import { startVmTask } from './call.ts';

export const vmHandlers: Readonly<Record<string, Handler>> = {
  ReconfigVM_Task: (call) => {
    const vm = vmOf(call.site, call.target);
    const spec = call.parameters['spec'] as ConfigSpec;
    for (const privilege of privilegesFor(spec)) call.privileges.demand(privilege, vm.ref);
    checkSpec(vm, spec);
    return startVmTask(call, {
      vm,
      descriptionId: 'VirtualMachine.reconfigure',
      work: async () => {
        await reconfigure(call.site, vm, {
          ...spec,
          ...(spec.name === undefined ? {} : { name: escapeName(spec.name) }),
        });
      },
    });
  },
  CreateVM_Task: create,
  PowerOnVM_Task: (call) => {
    const vm = privileged(call, 'VirtualMachine.Interact.PowerOn');
    demandPower(vm, 'poweredOff');
    if (vm.template) throw new VimFault('NotSupported', 'A template cannot be powered on.');
    return startVmTask(call, {
      vm,
      descriptionId: 'VirtualMachine.powerOn',
      work: async () => {
        await powerOn(call.site, vm);
      },
    });
  },
  PowerOffVM_Task: (call) => {
    const vm = privileged(call, 'VirtualMachine.Interact.PowerOff');
    demandPower(vm, 'poweredOn');
    return startVmTask(call, {
      vm,
      descriptionId: 'VirtualMachine.powerOff',
      work: async () => {
        await powerOff(vm);
      },
    });
  },
  ResetVM_Task: (call) => {
    const vm = privileged(call, 'VirtualMachine.Interact.Reset');
    demandPower(vm, 'poweredOn');
    return startVmTask(call, {
      vm,
      descriptionId: 'VirtualMachine.reset',
      work: async () => undefined,
    });
  },
  ShutdownGuest: async (call) => {
    const vm = privileged(call, 'VirtualMachine.Interact.PowerOff');
    demandPower(vm, 'poweredOn');
    if (!vm.toolsRunning) throw new VimFault('ToolsUnavailable', 'VMware Tools is not running.');
    await powerOff(vm);
    await call.site.settle();
  },
  Destroy_Task: (call) => {
    const vm = privileged(call, 'VirtualMachine.Inventory.Delete');
    demandPower(vm, 'poweredOff');
    return startVmTask(call, {
      vm,
      descriptionId: 'VirtualMachine.destroy',
      work: async () => {
        await destroyVm(call.site, vm);
      },
    });
  },
  Rename_Task: (call) => {
    const vm = privileged(call, 'VirtualMachine.Config.Rename');
    const newName = escapeName(call.parameters['newName'] as string);
    if (newName !== vm.name) checkNewName(call.site, vm.parent, newName);
    return startVmTask(call, {
      vm,
      descriptionId: 'VirtualMachine.rename',
      work: async () => {
        vm.name = newName;
        vm.touch();
      },
    });
  },
  UnregisterVM: async (call) => {
    const vm = privileged(call, 'VirtualMachine.Inventory.Unregister');
    demandPower(vm, 'poweredOff');
    unregisterVm(call.site, vm);
    call.site.unregistered.set(vm.vmxPath, vm);
    await call.site.settle();
  },
  RegisterVM_Task: register,
  MarkAsTemplate: (call) => {
    const vm = privileged(call, 'VirtualMachine.Provisioning.MarkAsTemplate');
    demandPower(vm, 'poweredOff');
    vm.template = true;
    call.site.inventory.changed();
  },
  MarkAsVirtualMachine: (call) => {
    const vm = privileged(call, 'VirtualMachine.Provisioning.MarkAsVM');
    vm.template = false;
    call.site.inventory.changed();
  },
  CancelTask: (call) => {
    call.site.tasks.cancel(call.target);
  },
};

function privileged(call: Call, privilege: string): Vm {
  const vm = vmOf(call.site, call.target);
  call.privileges.demand(privilege, vm.ref);
  return vm;
}

function create(call: Call): Ref {
  const { config, pool, host } = call.parameters as { config: ConfigSpec; pool: Ref; host?: Ref };
  call.privileges.demand('VirtualMachine.Inventory.Create', call.target);
  call.privileges.demand('Resource.AssignVMToPool', pool);
  call.site.inventory.get(pool);
  const folder = call.site.inventory.get(call.target);
  const childType = folder.read['childType']?.() as readonly string[] | undefined;
  if (childType?.includes('VirtualMachine') !== true)
    throw new VimFault('NotSupported', 'This folder does not take virtual machines.');
  if (config.name === undefined || config.name === '') throw invalidArgument('config.name');
  if (config.files?.vmPathName === undefined) throw invalidArgument('config.files.vmPathName');
  const name = escapeName(config.name);
  checkNewName(call.site, call.target, name);
  const place = placeIn(call.places, call.target, {
    pool,
    ...(host === undefined ? {} : { host }),
  });
  return call.site.tasks.start({
    descriptionId: 'Folder.createVm',
    name: call.operation,
    entity: call.target,
    entityName: String(folder.read['name']?.()),
    userName: call.connection?.userName ?? '',
    cancelable: false,
    fault: call.taskFault,
    work: async () => {
      const vm = await createVm(call.site, place, config);
      await call.site.settle();
      return vm.ref;
    },
  });
}

function register(call: Call): Ref {
  call.privileges.demand('VirtualMachine.Inventory.Register', call.target);
  const path = call.parameters['path'] as string;
  const name = call.parameters['name'] as string | undefined;
  const folder = call.site.inventory.get(call.target);
  return call.site.tasks.start({
    descriptionId: 'Folder.registerVm',
    name: call.operation,
    entity: call.target,
    entityName: String(folder.read['name']?.()),
    userName: call.connection?.userName ?? '',
    cancelable: false,
    fault: call.taskFault,
    work: async () => {
      const vm = call.site.unregistered.get(path);
      if (vm === undefined) throw fileFault('FileNotFound', `File ${path} was not found`, path);
      call.site.unregistered.delete(path);
      vm.ref = call.site.inventory.nextRef('VirtualMachine', 'vm');
      vm.parent = call.target;
      if (name !== undefined) vm.name = escapeName(name);
      vm.template = call.parameters['asTemplate'] === true;
      registerVm(call.site, vm);
      await call.site.settle();
      return vm.ref;
    },
  });
}

/** What a reconfigure needs, by what it changes. */
function privilegesFor(spec: ConfigSpec): string[] {
  const needs = new Set<string>();
  const config = (name: string): void => void needs.add(`VirtualMachine.Config.${name}`);
  for (const change of spec.deviceChange ?? [])
    for (const name of devicePrivileges(change)) config(name);
  if (spec.changeTrackingEnabled !== undefined) config('ChangeTracking');
  if (spec.extraConfig !== undefined) config('AdvancedConfig');
  if (spec.numCPUs !== undefined) config('CPUCount');
  if (spec.memoryMB !== undefined) config('Memory');
  if (spec.annotation !== undefined) config('Annotation');
  if (spec.name !== undefined) config('Rename');
  return [...needs];
}

function devicePrivileges({ device, operation, fileOperation }: DeviceChange): string[] {
  if (device.$type !== 'VirtualDisk')
    return [operation === 'edit' ? 'EditDevice' : 'AddRemoveDevice'];
  if (operation === 'add') return [fileOperation === undefined ? 'AddExistingDisk' : 'AddNewDisk'];
  return [operation === 'remove' ? 'RemoveDisk' : 'DiskExtend'];
}
