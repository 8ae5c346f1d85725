import type { Ref } from '../soap/values.ts';
import { VimFault } from '../soap/fault.ts';

/** Denies a privilege on one object (moref value), or everywhere. */
export interface Denial {
  readonly privilege: string;
  readonly object?: string;
}

/** Privileges that the lab knows; a subset of vCenter's list that covers backup, HotAdd and restore. */
export const knownPrivileges: readonly string[] = `
System.Anonymous System.View System.Read
Global.DisableMethods Global.EnableMethods Global.Licenses Global.LogEvent Global.ManageCustomFields Global.SetCustomField Global.CancelTask
Sessions.ValidateSession Sessions.TerminateSession Extension.Register Extension.Update Task.Create Task.Update StorageProfile.View StorageProfile.Update
Cryptographer.Access Cryptographer.AddDisk Cryptographer.Encrypt Cryptographer.EncryptNew Cryptographer.RegisterHost Cryptographer.RegisterVM
Datastore.AllocateSpace Datastore.Browse Datastore.FileManagement Folder.Create Network.Assign Resource.AssignVMToPool VApp.AssignVM
VirtualMachine.State.CreateSnapshot VirtualMachine.State.RemoveSnapshot VirtualMachine.State.RevertToSnapshot VirtualMachine.State.RenameSnapshot
VirtualMachine.Config.ChangeTracking VirtualMachine.Config.AddExistingDisk VirtualMachine.Config.AddNewDisk VirtualMachine.Config.RemoveDisk
VirtualMachine.Config.AddRemoveDevice VirtualMachine.Config.EditDevice VirtualMachine.Config.Settings VirtualMachine.Config.Resource
VirtualMachine.Config.AdvancedConfig VirtualMachine.Config.Annotation VirtualMachine.Config.CPUCount VirtualMachine.Config.Memory
VirtualMachine.Config.Rename VirtualMachine.Config.RawDevice VirtualMachine.Config.DiskExtend VirtualMachine.Config.DiskLease
VirtualMachine.Config.SwapPlacement VirtualMachine.Config.HostUSBDevice VirtualMachine.Config.UpgradeVirtualHardware VirtualMachine.Config.ManagedBy
VirtualMachine.Provisioning.DiskRandomRead VirtualMachine.Provisioning.DiskRandomAccess VirtualMachine.Provisioning.GetVmFiles
VirtualMachine.Provisioning.PutVmFiles VirtualMachine.Provisioning.MarkAsTemplate VirtualMachine.Provisioning.MarkAsVM
VirtualMachine.Inventory.Create VirtualMachine.Inventory.Delete VirtualMachine.Inventory.Register VirtualMachine.Inventory.Unregister
VirtualMachine.Interact.PowerOn VirtualMachine.Interact.PowerOff VirtualMachine.Interact.Reset VirtualMachine.Interact.DeviceConnection VirtualMachine.Interact.SetCDMedia
InventoryService.Tagging.AttachTag`
  .trim()
  .split(/\s+/);

/** Everything is granted but what was denied. */
export class Privileges {
  #denials: readonly Denial[] = [];

  set(denials: readonly Denial[]): void {
    this.#denials = denials;
  }

  isGranted(privilege: string, object: Ref): boolean {
    return (
      knownPrivileges.includes(privilege) &&
      !this.#denials.some(
        (denial) =>
          denial.privilege === privilege &&
          (denial.object === undefined || denial.object === object.value),
      )
    );
  }

  grantedOn(object: Ref): string[] {
    return knownPrivileges.filter((privilege) => this.isGranted(privilege, object));
  }

  demand(privilege: string, object: Ref): void {
    const fault = this.refusal(privilege, object);
    if (fault !== undefined) throw fault;
  }

  refusal(privilege: string, object: Ref): VimFault | undefined {
    if (this.isGranted(privilege, object)) return undefined;
    return new VimFault('NoPermission', 'Permission to perform this operation was denied.', {
      object,
      privilegeId: privilege,
      missingPrivileges: [{ entity: object, privilegeIds: [privilege] }],
    });
  }
}
