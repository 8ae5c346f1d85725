/** Virtual machines as the rest of coldframe sees them: normalised once, by src/vsphere. */

/** Managed object reference; the value is opaque (slashes, brackets and `@` occur). */
export interface Moref {
  readonly type: string;
  readonly value: string;
}

/**
 * Who a VM is, whatever happens to its moref. `endpointUuid` is the vCenter's
 * instanceUuid (ESXi direct: the host's hardware uuid), `instanceUuid` is
 * config.instanceUuid; moref and name are hints that change.
 */
export interface VmIdentity {
  readonly endpointUuid: string;
  readonly instanceUuid: string;
  readonly biosUuid: string;
  readonly moref: string;
  readonly name: string;
}

/** Stands for the VM in maps; no two VMs share one, whatever a guest chose as its uuid. */
export function vmKey(vm: Pick<VmIdentity, 'endpointUuid' | 'instanceUuid'>): string {
  return `${encodeURIComponent(vm.endpointUuid)}/${encodeURIComponent(vm.instanceUuid)}`;
}

export type PowerState = 'poweredOn' | 'poweredOff' | 'suspended';

export type DiskBackingKind =
  | 'flat'
  | 'sesparse'
  | 'sparse'
  | 'rdm-virtual'
  | 'rdm-physical'
  | 'other';

export type DiskMode =
  | 'persistent'
  | 'nonpersistent'
  | 'undoable'
  | 'independent_persistent'
  | 'independent_nonpersistent'
  | 'append';

export type ControllerKind =
  | 'pvscsi'
  | 'lsilogic'
  | 'lsilogic-sas'
  | 'buslogic'
  | 'sata'
  | 'nvme'
  | 'ide'
  | 'other';

/** One virtual disk of a VM or of a snapshot's configuration. */
export interface VmDisk {
  readonly key: number;
  /** deviceInfo.label, "Hard disk 1". */
  readonly label: string;
  readonly capacityBytes: number;
  /** backing.uuid as sent, 6000C29x-....; empty where the backing has none. */
  readonly uuid: string;
  readonly backing: {
    readonly kind: DiskBackingKind;
    /** "[datastore] folder/name.vmdk". */
    readonly fileName: string;
    readonly datastoreMoref: string;
    readonly mode: DiskMode;
    readonly thin: boolean;
    readonly eagerlyScrub: boolean;
    readonly sharing: boolean;
    /** File names of the chain below, nearest first. */
    readonly parents: readonly string[];
  };
  readonly controller: {
    readonly kind: ControllerKind;
    readonly key: number;
    readonly bus: number;
    readonly unit: number;
    readonly sharedBus: boolean;
  };
  /** CBT position; absent when the disk is not tracked. */
  readonly changeId?: string;
}

export interface SnapshotNode {
  readonly moref: string;
  readonly name: string;
  readonly description: string;
  readonly createdAtMs: number;
  readonly children: readonly SnapshotNode[];
}

/** A fresh look at one VM. */
export interface VmDetails {
  readonly identity: VmIdentity;
  readonly powerState: PowerState;
  readonly connectionState: string;
  readonly template: boolean;
  readonly hostMoref: string;
  readonly datacenterMoref: string;
  readonly datastoreMorefs: readonly string[];
  readonly hardwareVersion: number;
  readonly changeTrackingSupported: boolean;
  readonly changeTrackingEnabled: boolean;
  /** Now: neither licence nor configuration forbids them. */
  readonly snapshotsSupported: boolean;
  readonly toolsRunning: boolean;
  readonly consolidationNeeded: boolean;
  readonly question: string | undefined;
  readonly faultToleranceOn: boolean;
  readonly encrypted: boolean;
  readonly snapshots: readonly SnapshotNode[];
  readonly disks: readonly VmDisk[];
  /** extraConfig, for coldframe's own markers only. */
  readonly extraConfig: ReadonlyMap<string, string>;
}

export interface VmSummary {
  readonly identity: VmIdentity;
  readonly powerState: PowerState;
  readonly template: boolean;
  /** "Datacenter/vm/Folder", without the VM's own name. */
  readonly folderPath: string;
  readonly guestFullName: string;
  readonly diskCount: number;
  readonly totalDiskBytes: number;
  readonly where: VmWhere;
}

/** Inventory paths of what a VM runs on and in; empty where there is none or it may not be seen. */
export interface VmWhere {
  /** "Datacenter/host/Cluster/esx1.example". */
  readonly host: string;
  /** "Datacenter/host/Cluster". */
  readonly cluster: string;
  /** "Datacenter/host/Cluster/Resources/Pool". */
  readonly pool: string;
  /** "Datacenter/vm/Folder/vApp". */
  readonly vApp: string;
  /** "Datacenter/datastore/vmfs1". */
  readonly datastores: readonly string[];
  /** "Category/Tag", of the VM itself; absent when they could not be read. */
  readonly tags?: readonly string[];
}

/** What a snapshot froze: the configuration for the archive and the disks to read. */
export interface SnapshotContents {
  /** `VirtualMachineSnapshot.config` as received, for lossless restores. */
  readonly configXml: string;
  /** The same, normalised ($type marks sub-types). */
  readonly config: unknown;
  readonly disks: readonly VmDisk[];
  /** Where the VM stands: names and ids of folder, pool, host, datastores, networks. */
  readonly placement: Placement;
}

export interface Placement {
  readonly folderPath: string;
  readonly resourcePoolMoref: string;
  readonly hostMoref: string;
  readonly hostName: string;
  readonly datastores: readonly { readonly moref: string; readonly name: string }[];
  readonly networks: readonly { readonly moref: string; readonly name: string }[];
  /** Custom attributes; absent in archives of older versions. */
  readonly customValues?: readonly CustomValue[];
}

export interface CustomValue {
  readonly name: string;
  readonly value: string;
}

/** A disk attached to the appliance's own VM. */
export interface AttachedDisk {
  /** Device key on the appliance. */
  readonly key: number;
  readonly fileName: string;
  /** File names of the chain below; ours is here where the VM shows a redo log of its own. */
  readonly parents?: readonly string[];
  readonly uuid: string;
  readonly capacityBytes: number;
  /** SCSI bus number of the controller, and unit on it. */
  readonly bus: number;
  readonly unit: number;
}

export interface DatastoreInfo {
  readonly moref: string;
  readonly name: string;
  readonly type: string;
  readonly accessible: boolean;
  readonly freeBytes: number;
  readonly capacityBytes: number;
  readonly url: string;
}
