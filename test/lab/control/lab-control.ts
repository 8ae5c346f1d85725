import type { DeviceAppearance } from '../model/device-plug.ts';
import type { DatastoreQuirks } from '../model/site.ts';
import type { VmQuirks } from '../model/vm.ts';
import type { DiskScenario, VmScenario } from '../scenario.ts';
import type { Denial } from '../server/privileges.ts';
import type { FaultRule } from '../server/faults.ts';

/** Where a lab is reached; the line that main.ts prints, with `pid` added. */
export interface LabAddress {
  /** https://127.0.0.1:port/sdk */
  readonly url: string;
  /** http://127.0.0.1:port */
  readonly controlUrl: string;
  /** host:port, as an endpoint's address. */
  readonly address: string;
  /** Upper-case colon hex. */
  readonly thumbprintSha1: string;
  readonly thumbprintSha256: string;
  readonly user: string;
  readonly password: string;
  /** Root of the appliance's fake /sys and /dev. */
  readonly applianceRoot: string;
  /** For COLDFRAME_LAB_VDDK_MAP. */
  readonly vddkMap: string;
  readonly captureDir: string;
}

export interface LabDiskState {
  readonly key: number;
  readonly label: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly uuid: string;
  /** Files from the running one down to the base. */
  readonly chain: readonly string[];
  readonly bus: number;
  readonly unit: number;
  readonly mode: string;
  readonly changeId: string | undefined;
}

export interface LabSnapshotState {
  readonly moref: string;
  readonly name: string;
  readonly description: string;
}

export interface LabVmState {
  readonly moref: string;
  readonly name: string;
  readonly uuid: string;
  readonly instanceUuid: string;
  readonly power: string;
  readonly consolidationNeeded: boolean;
  readonly busy: boolean;
  readonly snapshots: readonly LabSnapshotState[];
  readonly disks: readonly LabDiskState[];
  readonly extraConfig: Readonly<Record<string, string>>;
}

export interface LabState {
  readonly vms: readonly LabVmState[];
  /** Disks on the appliance VM that are another VM's files. */
  readonly attachments: readonly {
    readonly fileName: string;
    readonly key: number;
    readonly mode: string;
  }[];
  /** Morefs of vim tasks that have not ended. */
  readonly openTasks: readonly string[];
  /** The same with their operation, "queued" or "running". */
  readonly vimTasks: readonly { readonly name: string; readonly state: string }[];
  readonly connections: number;
  /** Wrongs that the product did, such as writing to a disk attached for reading. */
  readonly violations: readonly string[];
}

/** Names a VM by name or moref, and a disk of it by device key. */
export interface DiskRef {
  readonly vm: string;
  readonly key: number;
}

/** What tests and the demo can do to the lab; each method is also POST <controlUrl>/<method> with JSON. */
export interface LabControl {
  state(): Promise<LabState>;
  addVm(vm: VmScenario): Promise<LabVmState>;
  addDisk(at: {
    readonly vm: string;
    readonly disk: DiskScenario;
  }): Promise<{ readonly key: number }>;
  /** Takes the disk from the VM; its file stays. */
  removeDisk(at: DiskRef): Promise<void>;
  removeVm(at: { readonly vm: string }): Promise<void>;
  /** `base64` or `seed` + `length`: what the guest writes. */
  writeGuest(write: DiskRef & { readonly offset: number } & GuestBytes): Promise<void>;
  trim(at: DiskRef & { readonly offset: number; readonly length: number }): Promise<void>;
  readGuest(
    at: DiskRef & { readonly offset: number; readonly length: number },
  ): Promise<{ readonly base64: string }>;
  /** Sparse copy of what the running disk holds now. */
  copyDisk(at: DiskRef & { readonly to: string }): Promise<void>;
  resizeDisk(at: DiskRef & { readonly sizeBytes: number }): Promise<void>;
  startGuestWriter(at: {
    readonly vm: string;
    readonly bytesPerSecond: number;
    readonly seed: number;
  }): Promise<void>;
  stopGuestWriter(at: { readonly vm: string }): Promise<{ readonly writtenBytes: number }>;
  power(at: { readonly vm: string; readonly on: boolean }): Promise<void>;
  setVm(to: { readonly vm: string } & VmQuirks): Promise<void>;
  setDatastore(to: { readonly name: string } & DatastoreQuirks): Promise<void>;
  /** Defines the custom attribute where it is not known yet. */
  setCustomValue(to: {
    readonly vm: string;
    readonly name: string;
    readonly value: string;
  }): Promise<void>;
  removeCustomField(at: { readonly name: string }): Promise<void>;
  moveToHost(at: { readonly vm: string; readonly host: string }): Promise<void>;
  /** While on, every snapshot keeps a copy of its disks at <captureDir>/<snapshot moref>/<key>.raw. */
  setCapture(to: { readonly on: boolean }): Promise<void>;
  /** The raw file that shows the disk, where one file does. */
  diskPath(at: DiskRef): Promise<{ readonly path: string | undefined }>;
  addFaults(rules: readonly FaultRule[]): Promise<void>;
  unusedFaults(): Promise<readonly FaultRule[]>;
  clearFaults(): Promise<void>;
  setPrivileges(denied: readonly Denial[]): Promise<void>;
  expireConnections(): Promise<void>;
  addForeignSnapshot(at: {
    readonly vm: string;
    readonly name: string;
    readonly description?: string;
  }): Promise<LabSnapshotState>;
  removeSnapshot(at: { readonly vm: string; readonly moref: string }): Promise<void>;
  detachAll(): Promise<void>;
  setDeviceAppearance(to: { readonly mode: DeviceAppearance }): Promise<void>;
  /** Calls so far, by operation. */
  counters(): Promise<Readonly<Record<string, number>>>;
}

export type GuestBytes =
  | { readonly base64: string }
  | { readonly seed: number; readonly length: number };
