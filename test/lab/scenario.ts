import type { Fill } from './disk/fill.ts';
import type { DiskBacking, DiskMode } from './model/devices.ts';

/** A site to begin with: places and VMs. */
export interface Scenario {
  readonly datacenter: string;
  readonly cluster: string;
  readonly hosts: readonly string[];
  readonly networks: readonly string[];
  readonly datastores: readonly {
    readonly name: string;
    readonly type: 'VMFS' | 'NFS';
    readonly capacityBytes: number;
  }[];
  readonly vms: readonly VmScenario[];
  /** Name of the VM that the product runs in. */
  readonly appliance: string;
}

export type ControllerType =
  | 'pvscsi'
  | 'lsilogic'
  | 'lsilogic-sas'
  | 'buslogic'
  | 'sata'
  | 'nvme'
  | 'ide';

export interface VmScenario {
  readonly name: string;
  /** First datastore of the scenario when absent. */
  readonly datastore?: string;
  /** Folder path below the datacenter's vm folder, "Group/Sub"; made when missing. */
  readonly folder?: string;
  readonly poweredOn?: boolean;
  readonly changeTracking?: boolean;
  readonly guestId?: string;
  readonly firmware?: 'bios' | 'efi';
  readonly numCPUs?: number;
  readonly memoryMB?: number;
  readonly uuid?: string;
  readonly instanceUuid?: string;
  readonly extraConfig?: Readonly<Record<string, string>>;
  /** Number of SCSI controllers of the first disk's type that exist even when empty; 1 when absent. */
  readonly scsiControllers?: number;
  readonly disks: readonly DiskScenario[];
}

export interface DiskScenario {
  readonly sizeBytes: number;
  readonly thin?: boolean;
  readonly eagerlyScrub?: boolean;
  readonly controller?: ControllerType;
  readonly bus?: number;
  readonly unit?: number;
  readonly mode?: DiskMode;
  readonly backing?: DiskBacking;
  readonly sharing?: string;
  readonly uuid?: string;
  readonly datastore?: string;
  readonly fill?: Fill;
}

export interface DemoSizes {
  readonly systemBytes: number;
  readonly dataBytes: number;
  /** Folder whose files go onto the system disk; absent = a small test pattern instead of ext4. */
  readonly files: string | undefined;
}

const mib = 1024 * 1024;

export const demoSizes: DemoSizes = {
  systemBytes: 512 * mib,
  dataBytes: 256 * mib,
  files: '/usr/share/doc',
};

/** Small and fast, for tests: no ext4, a few MiB. */
export const smallSizes: DemoSizes = {
  systemBytes: 16 * mib,
  dataBytes: 8 * mib,
  files: undefined,
};

/** One cluster, VMFS and NFS, the appliance, and `demo-app` with a system disk and a data disk. */
export function demoScenario(sizes: DemoSizes = demoSizes): Scenario {
  const system: Fill =
    sizes.files === undefined
      ? { kind: 'pattern', seed: 11 }
      : { kind: 'ext4', folder: sizes.files };
  return {
    datacenter: 'Lab',
    cluster: 'Cluster',
    hosts: ['esx1.lab.invalid', 'esx2.lab.invalid'],
    networks: ['VM Network', 'Backup'],
    datastores: [
      { name: 'vmfs1', type: 'VMFS', capacityBytes: 2 ** 42 },
      { name: 'nfs1', type: 'NFS', capacityBytes: 2 ** 42 },
    ],
    appliance: 'coldframe',
    vms: [
      {
        name: 'coldframe',
        poweredOn: true,
        guestId: 'debian12_64Guest',
        firmware: 'efi',
        numCPUs: 2,
        memoryMB: 4096,
        extraConfig: { 'disk.EnableUUID': 'TRUE' },
        scsiControllers: 4,
        disks: [{ sizeBytes: 8 * mib, thin: true, controller: 'pvscsi' }],
      },
      {
        name: 'demo-app',
        folder: 'Production',
        poweredOn: true,
        changeTracking: true,
        guestId: 'debian12_64Guest',
        firmware: 'efi',
        numCPUs: 2,
        memoryMB: 2048,
        disks: [
          { sizeBytes: sizes.systemBytes, thin: true, controller: 'pvscsi', fill: system },
          {
            sizeBytes: sizes.dataBytes,
            thin: true,
            controller: 'lsilogic-sas',
            bus: 1,
            fill: { kind: 'pattern', seed: 7 },
          },
        ],
      },
    ],
  };
}
