import type { ChangeTracker } from '../disk/change-tracker.ts';
import type { DiskFile } from '../disk/disk-file.ts';
import { Mutex } from '../disk/mutex.ts';
import type { Ref } from '../soap/values.ts';
import type { Device, VmDisk } from './devices.ts';
import { inSnapshots } from './devices.ts';

export interface Snapshot {
  readonly ref: Ref;
  readonly id: number;
  name: string;
  description: string;
  readonly createdAt: string;
  readonly quiesced: boolean;
  parent: Snapshot | undefined;
  children: Snapshot[];
  /** VirtualMachineConfigInfo as it was frozen; file names follow consolidation. */
  config: object;
  /** Per disk key: the frozen file and the tracking position at that moment. */
  readonly disks: Map<number, SnapshotDisk>;
}

export interface SnapshotDisk {
  readonly disk: VmDisk;
  file: DiskFile;
  /** When a base was changed last, as the delta above it knows; any other time is a CID mismatch. */
  baseChangedNs?: bigint | undefined;
  readonly tracker: ChangeTracker | undefined;
  readonly sequence: number;
}

export interface VmHardware {
  numCPUs: number;
  numCoresPerSocket: number;
  memoryMB: number;
  guestId: string;
  version: string;
  firmware: string;
  annotation: string;
}

/** States of a VM that preflight has to notice; set by the control API. */
export interface VmQuirks {
  toolsRunning?: boolean;
  connectionState?: 'connected' | 'disconnected' | 'orphaned' | 'inaccessible' | 'invalid';
  /** Text of a question that waits for an answer. */
  question?: string;
  faultTolerance?: boolean;
  /** Has a virtual TPM. */
  tpm?: boolean;
  encrypted?: boolean;
  changeTrackingSupported?: boolean;
  snapshotsSupported?: boolean;
  /** A resized disk keeps its tracker, which then misses every write. */
  staleTrackingAfterResize?: boolean;
  /** Guest writes escape change tracking while this is set. */
  trackingMissesWrites?: boolean;
}

export interface VmInit {
  readonly ref: Ref;
  readonly name: string;
  readonly datastoreName: string;
  readonly folderName: string;
  readonly vmxPath: string;
  readonly uuid: string;
  readonly instanceUuid: string;
  readonly hardware: VmHardware;
  readonly parent: Ref;
  readonly pool: Ref;
  readonly host: Ref;
  readonly devices: Device[];
}

/** One VM: its configuration, disks, snapshots and what is going on with it. */
export class Vm {
  /** Changes when the VM is unregistered and registered again. */
  ref: Ref;
  name: string;
  readonly datastoreName: string;
  /** Folder on the datastore. */
  readonly folderName: string;
  readonly vmxPath: string;
  uuid: string;
  instanceUuid: string;
  readonly hardware: VmHardware;
  parent: Ref;
  pool: Ref;
  host: Ref;
  devices: Device[];
  disks: VmDisk[] = [];
  readonly extraConfig = new Map<string, string>();
  readonly customValues = new Map<number, string>();
  /** ConfigInfo fields that the lab only keeps and shows again. */
  readonly carried = new Map<string, unknown>();
  power: 'poweredOn' | 'poweredOff' | 'suspended' = 'poweredOff';
  template = false;
  readonly quirks: VmQuirks = {};
  changeTrackingEnabled = false;
  changeVersion = 1;
  consolidationNeeded = false;
  snapshots: Snapshot[] = [];
  currentSnapshot: Snapshot | undefined;
  nextSnapshotId = 1;
  nextDeltaNumber = 1;
  /** The vim task that has the VM, if any. */
  busyWith: Ref | undefined;
  readonly createdAt = new Date().toISOString();
  modifiedAt = this.createdAt;
  /** Guest writes, snapshots and consolidation take turns. */
  readonly diskWork = new Mutex();

  constructor(init: VmInit) {
    this.ref = init.ref;
    this.name = init.name;
    this.datastoreName = init.datastoreName;
    this.folderName = init.folderName;
    this.vmxPath = init.vmxPath;
    this.uuid = init.uuid;
    this.instanceUuid = init.instanceUuid;
    this.hardware = init.hardware;
    this.parent = init.parent;
    this.pool = init.pool;
    this.host = init.host;
    this.devices = init.devices;
  }

  controller(key: number): Device | undefined {
    return this.devices.find((device) => device.key === key && device.busNumber !== undefined);
  }

  disk(key: number): VmDisk | undefined {
    return this.disks.find((disk) => disk.key === key);
  }

  /** Every snapshot, parents before children. */
  allSnapshots(): Snapshot[] {
    const walk = (list: readonly Snapshot[]): Snapshot[] =>
      list.flatMap((snapshot) => [snapshot, ...walk(snapshot.children)]);
    return walk(this.snapshots);
  }

  get toolsRunning(): boolean {
    return this.quirks.toolsRunning ?? true;
  }

  touch(): void {
    this.changeVersion++;
    this.modifiedAt = new Date().toISOString();
  }

  /** Writes as the guest would: into the leaf, noted by change tracking. */
  async guestWrite(disk: VmDisk, offset: number, bytes: Buffer): Promise<void> {
    await this.diskWork.run(async () => {
      await disk.leaf.write(offset, bytes);
      if (this.quirks.trackingMissesWrites !== true) disk.tracker?.noteWrite(offset, bytes.length);
      if (this.power !== 'poweredOn') await disk.leaf.noteOwnWrites();
    });
  }

  async guestTrim(disk: VmDisk, offset: number, length: number): Promise<void> {
    await this.diskWork.run(async () => {
      await disk.leaf.trim(offset, length);
      disk.tracker?.noteWrite(offset, length);
      await disk.leaf.noteOwnWrites();
    });
  }

  /** Gives a disk without snapshots another size; tracking begins anew, or goes wrong by quirk. */
  async resizeDisk(disk: VmDisk, sizeBytes: number, tracker: ChangeTracker): Promise<void> {
    await this.diskWork.run(async () => {
      await disk.leaf.resize(sizeBytes);
      if (this.quirks.staleTrackingAfterResize === true) disk.tracker?.missWrites();
      else disk.tracker = disk.tracker === undefined ? undefined : tracker;
    });
  }

  /**
   * What a stun does to change tracking: takes over the configured setting, and begins anew on a
   * disk that somebody wrote behind the VM's back while it was off.
   */
  async settleTracking(newTracker: () => ChangeTracker): Promise<void> {
    for (const disk of this.disks) {
      const trackable = inSnapshots(disk) && this.changeTrackingEnabled;
      if (!trackable) disk.tracker = undefined;
      else if (disk.tracker === undefined) disk.tracker = newTracker();
      else if (this.power === 'poweredOff' && (await disk.leaf.takeForeignWrites()))
        disk.tracker = newTracker();
    }
  }
}
