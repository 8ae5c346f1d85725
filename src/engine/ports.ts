/**
 * What the engine asks of the other rooms. Adapters have these shapes without
 * importing this file; the composition root (service) is where the compiler
 * checks the fit. Every wait takes a signal; every method throws ColdframeError.
 */
import type { Clock, IdSource } from '#core/clock.ts';
import type { EndpointWithPassword, RepositoryConfig } from '#core/config.ts';
import type { ExtentList } from '#core/extents.ts';
import type {
  JournalDetails,
  JournalEntry,
  JournalKind,
  JournalNote,
  JournalState,
} from '#core/journal.ts';
import type { MoverOrder, MoverProgress, MoverResults } from '#core/mover-orders.ts';
import type { PrivilegeAsk, PrivilegeObject } from '#core/privilege-gaps.ts';
import type {
  ArchiveCheck,
  Damage,
  RestorePointMarks,
  StartedCheck,
} from '#core/restore-point-marks.ts';
import type { NewVmDisk, Places } from '#core/places.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { VmTraces } from '#core/strays.ts';
import type {
  AttachedDisk,
  CustomValue,
  DatastoreInfo,
  SnapshotContents,
  SnapshotNode,
  VmDetails,
  VmIdentity,
  VmSummary,
} from '#core/vm.ts';

export interface VspherePort {
  /** Logs in (or shares the connection that is there). Disposing gives the share back. */
  connect(endpoint: EndpointWithPassword, signal: AbortSignal): Promise<VsphereConnection>;
}

export interface VsphereConnection extends AsyncDisposable {
  readonly about: {
    readonly instanceUuid: string;
    readonly fullName: string;
    readonly apiType: 'VirtualCenter' | 'HostAgent';
    readonly apiVersion: string;
  };
  /** Host, port and SHA-1 thumbprint of the leaf certificate, for VixDiskLib_ConnectEx. */
  readonly diskServer: { readonly host: string; readonly port: number; readonly sha1: string };

  /** Moref of the top of the inventory. */
  readonly rootFolder: string;

  listVms(signal: AbortSignal): Promise<readonly VmSummary[]>;
  /** By instanceUuid, then moref; undefined when it is gone. */
  findVm(query: VmQuery, signal: AbortSignal): Promise<string | undefined>;
  getVm(vmMoref: string, signal: AbortSignal): Promise<VmDetails>;
  /** The VM this process runs in, by SMBIOS uuid and MAC addresses. */
  findOwnVm(self: SelfIdentity, signal: AbortSignal): Promise<string | undefined>;
  getDatastore(moref: string, signal: AbortSignal): Promise<DatastoreInfo>;

  /** VM folders, pools, datastores and networks. */
  privilegePlaces(signal: AbortSignal): Promise<readonly PrivilegeObject[]>;
  /** Privileges that the account lacks, by moref. */
  missingPrivileges(
    asks: readonly PrivilegeAsk[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ReadonlySet<string>>>;

  createSnapshot(request: SnapshotRequest, signal: AbortSignal): Promise<string>;
  snapshotContents(
    vmMoref: string,
    snapshotMoref: string,
    signal: AbortSignal,
  ): Promise<SnapshotContents>;
  /** NVRAM file of the VM; undefined where there is none. */
  readNvram(vmMoref: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Replaces the NVRAM of a VM that has not been powered on since it was made. */
  writeNvram(
    write: { readonly vmMoref: string; readonly data: Uint8Array },
    signal: AbortSignal,
  ): Promise<void>;
  /** Looped to the disk's capacity, normalised. `changeId` "*" asks for allocated areas. */
  changedAreas(request: ChangedAreasRequest, signal: AbortSignal): Promise<ExtentList>;
  /** Sets changeTrackingEnabled; effective after the next stun. */
  setChangeTracking(vmMoref: string, enabled: boolean, signal: AbortSignal): Promise<void>;
  removeSnapshot(snapshotMoref: string, options: LongTask): Promise<void>;
  /** The VM is powered off, and stays so. */
  revertToSnapshot(snapshotMoref: string, options: LongTask): Promise<void>;
  consolidate(vmMoref: string, options: LongTask): Promise<void>;

  /** One reconfigure for all disks, on free slots of PVSCSI controllers other than the first. */
  attachDisks(request: AttachRequest, signal: AbortSignal): Promise<readonly AttachedDisk[]>;
  /** Never with fileOperation; returns when the disks are gone from the VM's configuration. */
  detachDisks(vmMoref: string, keys: readonly number[], signal: AbortSignal): Promise<void>;
  listAttached(vmMoref: string, signal: AbortSignal): Promise<readonly AttachedDisk[]>;

  powerOff(vmMoref: string, signal: AbortSignal): Promise<void>;
  powerOn(vmMoref: string, signal: AbortSignal): Promise<void>;
  /** CreateVM_Task from a saved configuration; returns the moref. */
  createVm(request: CreateVmRequest, signal: AbortSignal): Promise<string>;
  /** Where a new VM can be put. */
  listPlaces(signal: AbortSignal): Promise<Places>;
  /** What a new VM would lack of the saved one, in sentences; throws what would stop `createVm`. */
  previewVm(
    request: Omit<CreateVmRequest, 'marker'>,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  /** Sets custom attributes that the endpoint knows; sentences about those that it does not. */
  setCustomValues(
    vmMoref: string,
    values: readonly CustomValue[],
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  /** VMs whose extraConfig carries the marker. */
  findMarkedVms(marker: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Of every VM, what may have been left behind. */
  readTraces(signal: AbortSignal): Promise<readonly VmTraces[]>;
  /** Sets or, with '', removes an extraConfig key. */
  setExtraConfig(vmMoref: string, key: string, value: string, signal: AbortSignal): Promise<void>;
  destroyVm(vmMoref: string, signal: AbortSignal): Promise<void>;
  findSnapshots(vmMoref: string, signal: AbortSignal): Promise<readonly SnapshotNode[]>;
  /** Resolves when the vim tasks have ended that the object is busy with; throws when they cannot be read. */
  settled(object: BusyObject, signal: AbortSignal): Promise<void>;
}

/** A VM, or the folder that a VM is being made in. */
export type BusyObject = { readonly vmMoref: string } | { readonly folderPath: string };

export type VmQuery =
  | { readonly instanceUuid: string; readonly morefHint?: string }
  | { readonly moref: string }
  | { readonly name: string };

export interface SelfIdentity {
  /** SMBIOS uuids in the byte orders they may come in, lower case. */
  readonly biosUuids: readonly string[];
  readonly macAddresses: readonly string[];
}

export interface SnapshotRequest {
  readonly vmMoref: string;
  readonly name: string;
  /** Carries the journal marker. */
  readonly description: string;
  readonly quiesce: boolean;
}

export interface ChangedAreasRequest {
  readonly vmMoref: string;
  readonly snapshotMoref: string;
  readonly deviceKey: number;
  readonly capacityBytes: number;
  readonly changeId: string;
}

/** Removal and consolidation may run for hours: no deadline of ours, progress instead. */
export interface LongTask {
  readonly signal: AbortSignal;
  readonly onProgress?: (percent: number) => void;
}

export interface AttachRequest {
  readonly vmMoref: string;
  readonly disks: readonly {
    readonly fileName: string;
    readonly capacityBytes: number;
    /** independent_nonpersistent for backup, independent_persistent for restore. */
    readonly mode: 'independent_nonpersistent' | 'independent_persistent';
  }[];
}

export interface CreateVmRequest {
  readonly name: string;
  /** Normalised VirtualMachineConfigInfo from vm/config.json. */
  readonly config: unknown;
  /** Folder path "Datacenter/vm/..."; pool and host by moref. */
  readonly folderPath: string;
  readonly resourcePoolMoref?: string;
  readonly hostMoref?: string;
  readonly datastoreName: string;
  /** Disks to create, empty, with the controllers of the saved configuration. */
  readonly disks: readonly NewVmDisk[];
  readonly keepIdentity: boolean;
  /** The MAC addresses alone. */
  readonly keepMacAddresses?: boolean;
  /** Network cards as they were, and not disconnected; default `keepIdentity`. */
  readonly connectNetworks?: boolean;
  readonly networkMap?: Readonly<Record<string, string>>;
  /** Put into extraConfig under `coldframe.marker`. */
  readonly marker: string;
}

/** Finds the block device of an attached disk in the guest, and lets it go. */
export interface DevicePort {
  self(signal: AbortSignal): Promise<SelfIdentity>;
  /** Waits for the device, checks uuid, size and slot; returns its path. */
  find(disk: AttachedDisk, signal: AbortSignal): Promise<string>;
  /** Deletes the SCSI device in the guest so that detaching is orderly. */
  release(disk: AttachedDisk, signal: AbortSignal): Promise<void>;
}

export interface MoverPort {
  /** Runs one order in a child process of its own; aborting ends it with SIGTERM, then SIGKILL. */
  run<O extends MoverOrder>(order: O, options: MoverRunOptions): Promise<MoverResults[O['kind']]>;
}

export interface MoverRunOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: MoverProgress) => void;
  readonly onLog?: (level: 'info' | 'warn' | 'error', message: string) => void;
}

export interface RepositoryPort {
  /** Throws 'repository' when the marker is missing or another's. */
  check(repository: RepositoryConfig, signal: AbortSignal): Promise<RepositoryState>;
  /** Path for a new archive, by the rules of docs/archive-format.md. */
  archivePath(parts: ArchivePathParts): string;
  /** Every committed archive below the root; throws rather than answering in part. */
  list(repository: RepositoryConfig, signal: AbortSignal): Promise<readonly RestorePoint[]>;
  /** Reads one archive's header and seal. */
  read(repository: RepositoryConfig, path: string, signal: AbortSignal): Promise<RestorePoint>;
  readMember(repository: RepositoryConfig, path: string, member: string): Promise<Uint8Array>;
  removePartial(repository: RepositoryConfig, path: string): Promise<void>;
  remove(repository: RepositoryConfig, path: string): Promise<void>;
  /** Throws 'busy' when somebody else works on these archives. */
  lockVm(repository: RepositoryConfig, vm: VmPlaces, holder: LockHolder): Promise<AsyncDisposable>;
}

/** Folders of the VM, also of its former names, and those that hold `paths`. */
export interface VmPlaces {
  readonly instanceUuid: string;
  readonly paths: readonly string[];
}

export interface LockHolder {
  /** For people. */
  readonly owner: string;
  /** A lock that a dead process of the same appliance left is taken over at once. */
  readonly applianceId: string;
  /** Unique to this attempt. */
  readonly token: string;
  readonly clock: Clock;
}

export interface RepositoryState {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface ArchivePathParts {
  readonly vmName: string;
  readonly vmInstanceUuid: string;
  readonly createdAtMs: number;
  readonly kind: 'full' | 'incremental' | 'synthetic';
  readonly id: string;
  readonly compression: 'zstd' | 'none';
  readonly encrypted?: boolean;
}

export interface CatalogPort {
  addRestorePoint(point: RestorePoint): Promise<void>;
  removeRestorePoint(id: string): Promise<void>;
  getRestorePoint(id: string): Promise<RestorePoint | undefined>;
  /** Newest first. */
  restorePointsOfVm(vm: {
    endpointUuid: string;
    instanceUuid: string;
  }): Promise<readonly RestorePoint[]>;
  /** Byte offset where the audit of a disk's change tracking goes on. */
  auditPosition(vm: VmKey, diskLabel: string): Promise<number | undefined>;
  setAuditPosition(vm: VmKey, diskLabel: string, offset: number): Promise<void>;
  /** Of those that have any. */
  restorePointMarks(ids: readonly string[]): Promise<ReadonlyMap<string, RestorePointMarks>>;
  /** The verdict of a verification on each; undefined: nothing is wrong with it. */
  setDamage(verdicts: ReadonlyMap<string, Damage | undefined>): Promise<void>;
  /** How far archives have been checked; a finished check takes the place of a started one. */
  setChecks(checks: ReadonlyMap<string, ArchiveCheck | StartedCheck>): Promise<void>;
  /** All of them, newest first, some at a time. */
  restorePointsIn(repositoryId: string): AsyncGenerator<RestorePoint>;
}

/** Who a VM is, as far as it lasts. */
export type VmKey = Pick<VmIdentity, 'endpointUuid' | 'instanceUuid'>;

export interface JournalPort {
  /** Durable before it resolves. */
  intend<K extends JournalKind>(entry: NewJournalEntry<K>): Promise<JournalEntry>;
  mark(id: string, state: JournalState, note?: JournalNote): Promise<void>;
  open(): Promise<readonly JournalEntry[]>;
}

export interface NewJournalEntry<K extends JournalKind> {
  readonly taskId: string;
  readonly kind: K;
  readonly endpointId: string;
  readonly detail: JournalDetails[K];
}

/** Where the administrator's VDDK lies; undefined when none is installed. */
export interface VddkPort {
  installed(): Promise<{ readonly libDir: string; readonly version: string } | undefined>;
}

export interface TaskLog {
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
  error(message: string, details?: Readonly<Record<string, unknown>>): void;
}

/** Everything an engine use case is given. */
export interface EngineContext {
  readonly applianceId: string;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly vsphere: VspherePort;
  readonly devices: DevicePort;
  readonly mover: MoverPort;
  readonly repositories: RepositoryPort;
  readonly catalog: CatalogPort;
  readonly journal: JournalPort;
  readonly vddk: VddkPort;
  readonly log: TaskLog;
  /** How long a call whose answer was lost may take to reach vSphere and be a vim task there. Default 20 s. */
  readonly settleMs?: number;
  /** From a failed quiescing to the next try. Default 60 s. */
  readonly quiesceRetryMs?: number;
  /** How often the free space of the VM's datastores is read while its disks are copied. Default 30 s. */
  readonly spaceCheckMs?: number;
}
