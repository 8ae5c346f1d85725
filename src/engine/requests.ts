import type { EndpointWithPassword, RepositoryConfig } from '#core/config.ts';
import type { MoverProgress, RestoreResult, VerifyResult } from '#core/mover-orders.ts';
import type { Provisioning } from '#core/places.ts';
import type { Finding } from '#core/preflight.ts';
import type { Compression, RestorePoint } from '#core/restore-point.ts';
import type { TransportChoice } from '#core/transport-plan.ts';

import type { VmQuery } from './ports.ts';

/** What the callers of the use cases give and get. */

export interface TaskWatch {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: MoverProgress) => void;
}

export interface BackupRequest {
  readonly endpoint: EndpointWithPassword;
  readonly vm: VmQuery;
  readonly repository: RepositoryConfig;
  readonly runId: string;
  readonly taskId: string;
  readonly jobName: string | null;
  readonly options: BackupOptions;
}

export interface BackupOptions {
  /** Read every disk whole even where changed blocks are known. */
  readonly forceFull: boolean;
  /** preferred: crash-consistent with a warning when quiescing fails; required: fail instead. */
  readonly quiesce: 'preferred' | 'required' | 'off';
  /** How often quiescing is tried again before it counts as failed; default 0. */
  readonly quiesceRetries?: number;
  readonly compression: Compression;
  /** zstd level, 1 to 19. */
  readonly compressLevel: number;
  readonly transports: readonly TransportChoice[];
  /** What to do when a disk cannot be opened by its first transport. */
  readonly onFallback: 'warn' | 'fail';
  /** Share of each disk that is read and compared although it is said to be unchanged, 0 to 100; default 0. */
  readonly auditPercent?: number;
  /** Most incrementals on one full; the next backup is full. Absent: no limit. */
  readonly maxChainLength?: number;
  /** The next backup is full when the VM was last read whole so many days ago. Absent or 0: never for that. */
  readonly activeFullDays?: number;
}

export interface BackupOutcome {
  readonly restorePoint: RestorePoint;
  /** Not empty: done with warnings. */
  readonly warnings: readonly string[];
  readonly findings: readonly Finding[];
  readonly readBytes: number;
  readonly durationMs: number;
}

export interface RestoreRequest {
  /** Where the VM is restored to. */
  readonly endpoint: EndpointWithPassword;
  /** Holds the restore point and its chain. */
  readonly repository: RepositoryConfig;
  readonly restorePointId: string;
  readonly taskId: string;
  readonly target: NewVmTarget | InPlaceTarget;
  /** Labels; absent: all disks of the restore point. Refused for a new VM, which always gets all. */
  readonly disks?: readonly string[];
  readonly powerOn: boolean;
  /** After powering on, wait so long for VMware Tools to run, as proof that the guest has started. */
  readonly waitForToolsMs?: number;
  readonly readBack: 'full' | 'sampled' | 'off';
  readonly transports: readonly TransportChoice[];
}

export interface NewVmTarget {
  readonly kind: 'new-vm';
  readonly name: string;
  /** "Datacenter/vm/Folder"; absent: where the VM was. */
  readonly folderPath?: string;
  /** Names or morefs. */
  readonly resourcePool?: string;
  readonly cluster?: string;
  readonly host?: string;
  /** Absent: each disk on the datastore that it was on. */
  readonly datastoreName?: string;
  /** By disk label; wins over `datastoreName`. */
  readonly diskDatastores?: Readonly<Record<string, string>>;
  /** Of all disks; absent: as each was. */
  readonly provisioning?: Provisioning;
  /** The UUIDs and MAC addresses of the original: only when the original is gone. */
  readonly keepIdentity: boolean;
  /** The MAC addresses alone. */
  readonly keepMacAddresses?: boolean;
  /** Connect the network cards at power-on as they were; default `keepIdentity`. */
  readonly connectNetworks?: boolean;
  /** Old network name to new. */
  readonly networkMap?: Readonly<Record<string, string>>;
  /** Go on without the virtual TPM, whose secrets no backup holds. */
  readonly withoutTpm?: boolean;
  /** After a failure: destroy the half-written VM, or keep it for looking at. */
  readonly onFailure: 'destroy' | 'keep';
}

export interface InPlaceTarget {
  readonly kind: 'in-place';
  /** Absent: the VM that was backed up. */
  readonly vm?: VmQuery;
  /** Power a running VM off; otherwise a running VM is refused. */
  readonly powerOff: boolean;
  /** Write only what has changed since the restore point, on every disk where vSphere can be trusted to know. */
  readonly rollback?: boolean;
  /** Slots of the VM's disks to overwrite where they are others than those that were backed up, by disk label. */
  readonly diskTargets?: Readonly<Record<string, string>>;
}

/** How much of a disk a restore writes, and why. */
export interface DiskMethod {
  readonly method: 'whole' | 'changed';
  readonly methodReason: string;
}

/** What a restore would do; also what `--dry-run` shows. */
export interface RestorePlan {
  readonly restorePoint: RestorePoint;
  /** Oldest first. */
  readonly chain: readonly RestorePoint[];
  readonly vmName: string;
  /** undefined for a VM that will be made. */
  readonly vmMoref: string | undefined;
  readonly willPowerOff: boolean;
  readonly disks: readonly RestorePlanDisk[];
  /** What would be done, in order, in sentences. */
  readonly steps: readonly string[];
  readonly warnings: readonly string[];
}

export interface RestorePlanDisk extends DiskMethod {
  readonly label: string;
  readonly deviceLabel: string;
  readonly capacityBytes: number;
  /** File that will be overwritten, or "[datastore]" of a disk that will be made. */
  readonly fileName: string;
  readonly transports: readonly TransportChoice[];
}

export interface RestoreOutcome {
  readonly vmMoref: string;
  readonly vmName: string;
  readonly disks: readonly (RestoreResult['disks'][number] & DiskMethod)[];
  readonly warnings: readonly string[];
  readonly durationMs: number;
}

export interface VerifyRequest {
  readonly repository: RepositoryConfig;
  readonly restorePointId: string;
}

export interface VerifyOutcome extends VerifyResult {
  /** Oldest first. */
  readonly chain: readonly RestorePoint[];
}

/** How recover finds what journal entries name by id. */
export interface RecoverSources {
  /** undefined: the endpoint was removed from the settings. */
  endpoint(id: string): Promise<EndpointWithPassword | undefined>;
  repository(id: string): Promise<RepositoryConfig | undefined>;
}

export interface RecoverOutcome {
  readonly undone: number;
  /** What is still open and why. */
  readonly open: readonly { readonly entryId: string; readonly reason: string }[];
}
