/**
 * Every vSphere privilege that coldframe uses, what for, and on which kind of object. What the
 * endpoint's account is checked against, and what the role is printed from.
 */
export const privilegePurposes = ['backup', 'hotadd', 'vddk', 'restore', 'extras'] as const;
export type PrivilegePurpose = (typeof privilegePurposes)[number];

/** Where a privilege is needed; `appliance` is coldframe's own VM. */
export type PrivilegePlace =
  | 'root'
  | 'vm'
  | 'appliance'
  | 'datastore'
  | 'folder'
  | 'pool'
  | 'network';

export interface PrivilegeNeed {
  readonly id: string;
  readonly purpose: PrivilegePurpose;
  readonly on: readonly PrivilegePlace[];
  /** Goes on after "to". */
  readonly use: string;
  /** The work is done without it, and lacks something. */
  readonly optional?: true;
}

/** Part of every role; a role cannot be given them one by one. */
export const systemPrivileges: readonly string[] = [
  'System.Anonymous',
  'System.Read',
  'System.View',
];

const made = ['vm', 'folder'] as const;

export const privilegeNeeds: readonly PrivilegeNeed[] = [
  need('backup', 'VirtualMachine.State.CreateSnapshot', ['vm'], 'take the snapshot'),
  need('backup', 'VirtualMachine.State.RemoveSnapshot', ['vm'], 'remove it, and consolidate'),
  need('backup', 'VirtualMachine.Provisioning.DiskRandomRead', ['vm'], 'ask what changed and read'),
  optional('backup', 'VirtualMachine.Config.ChangeTracking', ['vm'], 'switch change tracking on'),
  optional('backup', 'Datastore.Browse', ['datastore'], 'find the NVRAM file'),
  optional('backup', 'Datastore.FileManagement', ['datastore'], 'read and write the NVRAM file'),

  need('hotadd', 'VirtualMachine.Config.AddExistingDisk', ['appliance'], 'attach disks'),
  need('hotadd', 'VirtualMachine.Config.RemoveDisk', ['appliance'], 'let go of them'),
  need('hotadd', 'VirtualMachine.Config.AddRemoveDevice', ['appliance'], 'add controllers'),
  need('hotadd', 'Datastore.AllocateSpace', ['datastore'], 'keep the attached disks unchanged'),

  need('vddk', 'VirtualMachine.Provisioning.GetVmFiles', ['vm'], 'open disks for reading'),
  need('vddk', 'VirtualMachine.Config.DiskLease', ['vm'], 'lease disks'),
  need('vddk', 'Global.Licenses', ['root'], 'see what the hosts are licensed for'),
  need('vddk', 'Global.DisableMethods', ['root'], 'keep a VM in its place while it is read'),
  need('vddk', 'Global.EnableMethods', ['root'], 'let it move again'),
  optional('vddk', 'VirtualMachine.Config.AddNewDisk', ['appliance'], 'hot-add in older releases'),
  optional('vddk', 'VirtualMachine.Config.Resource', ['appliance'], 'hot-add in older releases'),
  optional('vddk', 'VirtualMachine.Config.Settings', ['appliance'], 'hot-add in older releases'),
  optional('vddk', 'VirtualMachine.Config.EditDevice', ['appliance'], 'hot-add in older releases'),

  need('restore', 'VirtualMachine.Inventory.Create', ['folder'], 'make the VM'),
  need('restore', 'VirtualMachine.Inventory.Delete', ['folder'], 'remove a VM that is half made'),
  need('restore', 'Resource.AssignVMToPool', ['pool'], 'place the VM'),
  need('restore', 'Datastore.AllocateSpace', ['datastore'], 'make its disks'),
  optional('restore', 'Network.Assign', ['network'], 'connect its network cards'),
  need('restore', 'VirtualMachine.Config.AddNewDisk', ['folder'], 'make its disks'),
  need('restore', 'VirtualMachine.Config.AddRemoveDevice', ['folder'], 'make its devices'),
  need('restore', 'VirtualMachine.Config.AdvancedConfig', made, 'mark it while it is unfinished'),
  need('restore', 'VirtualMachine.Config.Settings', ['folder'], 'give it its settings'),
  need('restore', 'VirtualMachine.Config.CPUCount', ['folder'], 'give it its processors'),
  need('restore', 'VirtualMachine.Config.Memory', ['folder'], 'give it its memory'),
  need('restore', 'VirtualMachine.Config.Resource', ['folder'], 'give it its shares'),
  need('restore', 'VirtualMachine.Config.Annotation', ['folder'], 'give it its notes'),
  need('restore', 'VirtualMachine.Config.EditDevice', ['folder'], 'set its devices up'),
  need('restore', 'VirtualMachine.Interact.PowerOff', made, 'power it off before it is written'),
  need('restore', 'VirtualMachine.Interact.PowerOn', made, 'power it on again'),
  optional(
    'restore',
    'VirtualMachine.Provisioning.DiskRandomAccess',
    made,
    'write disks through VDDK',
  ),
  optional('restore', 'VirtualMachine.State.RevertToSnapshot', ['vm'], 'restore over a SAN'),
  optional('restore', 'VirtualMachine.Config.RawDevice', ['folder'], 'restore raw device mappings'),
  optional(
    'restore',
    'VirtualMachine.Config.SwapPlacement',
    ['folder'],
    'keep its swap file place',
  ),
  optional('restore', 'VirtualMachine.Config.ManagedBy', ['folder'], 'keep what manages it'),
  optional(
    'restore',
    'VirtualMachine.Interact.DeviceConnection',
    made,
    'set which devices are connected',
  ),

  optional('extras', 'StorageProfile.View', ['root'], 'record storage policies'),
  optional('extras', 'Cryptographer.Access', ['root'], 'work on encrypted VMs'),
  optional('extras', 'Cryptographer.AddDisk', ['root'], 'hot-add encrypted disks'),
  optional('extras', 'Global.ManageCustomFields', ['root'], 'define the "last backup" attribute'),
  optional('extras', 'Global.SetCustomField', ['root'], 'set the "last backup" attribute'),
  optional('extras', 'Extension.Register', ['root'], 'show runs in the vSphere Client'),
  optional('extras', 'Extension.Update', ['root'], 'show runs in the vSphere Client'),
  optional('extras', 'Task.Create', ['root'], 'show runs in the vSphere Client'),
  optional('extras', 'Task.Update', ['root'], 'show runs in the vSphere Client'),
];

/** Ids of a role for these purposes, sorted, without those that every role has. */
export function rolePrivileges(purposes: readonly PrivilegePurpose[]): readonly string[] {
  const wanted = privilegeNeeds.filter(({ purpose }) => purposes.includes(purpose));
  return [...new Set(wanted.map(({ id }) => id))].toSorted();
}

/** Ids that are needed on one kind of object, each with what it is for. */
export function needsOn(
  place: PrivilegePlace,
  purposes: readonly PrivilegePurpose[],
): readonly PrivilegeNeed[] {
  return privilegeNeeds.filter(
    ({ on, purpose }) => on.includes(place) && purposes.includes(purpose),
  );
}

function need(
  purpose: PrivilegePurpose,
  id: string,
  on: readonly PrivilegePlace[],
  use: string,
): PrivilegeNeed {
  return { id, purpose, on, use };
}

function optional(...parts: Parameters<typeof need>): PrivilegeNeed {
  return { ...need(...parts), optional: true };
}
