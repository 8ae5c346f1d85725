export const provisionings = ['thin', 'thick', 'thick-eager'] as const;
export type Provisioning = (typeof provisionings)[number];

/** Where VMs can be put at one endpoint; names are unescaped, `datacenter` is its inventory path. */
export interface Places {
  readonly folders: readonly FolderPlace[];
  /** Stand-alone hosts are in both lists. */
  readonly clusters: readonly ComputePlace[];
  readonly hosts: readonly ComputePlace[];
  readonly pools: readonly ComputePlace[];
  readonly datastores: readonly DatastorePlace[];
  readonly networks: readonly string[];
}

export interface FolderPlace {
  /** "Datacenter/vm/Folder"; its parts keep vSphere's escapes. */
  readonly path: string;
  readonly datacenter: string;
  readonly datacenterMoref: string;
}

export interface ComputePlace {
  readonly moref: string;
  readonly name: string;
  readonly datacenter: string;
  /** Root pool of a cluster and of a host's cluster; itself for a pool. */
  readonly poolMoref: string;
}

export interface DatastorePlace {
  readonly name: string;
  readonly datacenter: string;
  readonly accessible: boolean;
  readonly freeBytes: number;
}

/** A disk that a new VM gets, empty. */
export interface NewVmDisk {
  /** In the saved configuration. */
  readonly key: number;
  readonly capacityBytes: number;
  /** Absent: with the VM's own files. */
  readonly datastoreName?: string;
  /** Absent: as it was. NFS and vSAN decide for themselves. */
  readonly provisioning?: Provisioning;
}
