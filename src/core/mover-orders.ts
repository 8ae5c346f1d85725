import type { DiskAccess, VddkAccess } from './disk-access.ts';
import type { ErrorRecord } from './error.ts';
import type { DiskAreas, VerifyPosition } from './restore-point-marks.ts';
import type { ExtentList } from './extents.ts';
import type { Manifest, RestorePointHeader, TransportName } from './restore-point.ts';

/** Where the mover writes or reads an archive; the mover checks the marker itself. */
export interface RepositoryFolder {
  readonly root: string;
  readonly repositoryId: string;
}

/** Files that go into the archive beside the disks; names are below vm/ or disks/. */
export interface ExtraMember {
  readonly name: string;
  readonly data: Uint8Array;
}

/** Back up: everything the mover needs, and nothing more. */
export interface BackupOrder {
  readonly kind: 'backup';
  readonly repository: RepositoryFolder;
  /** Final path below the root; the mover writes `<path>.partial` and renames. */
  readonly path: string;
  /** `transport` and `transportReason` of the disks are filled in from what the worker reports after opening. */
  readonly header: RestorePointHeader;
  readonly members: readonly ExtraMember[];
  readonly disks: readonly BackupDiskOrder[];
  /** Oldest (the full) first: what disks with `audit` are compared with. */
  readonly auditAgainst?: VerifyOrder['chain'];
  readonly compressLevel: number;
  /** Public keys of age; absent = the archive is not encrypted. */
  readonly encryptTo?: readonly string[];
  /** Note the archive's SHA-256 in SHA256SUMS beside it. */
  readonly sums?: boolean;
}

export interface BackupDiskOrder {
  readonly label: string;
  readonly access: DiskAccess;
  /** What to read: sorted, merged, clipped. `allocated` asks the worker for the map, with `extents` as fallback. */
  readonly extents: ExtentList;
  readonly useAllocated: boolean;
  /** Said to be unchanged: read and compared with the chain; what differs is copied too. */
  readonly audit?: ExtentList;
}

export interface BackupResult {
  readonly manifest: Manifest;
  readonly header: RestorePointHeader;
  readonly seal: string;
  readonly archiveBytes: number;
  readonly readBytes: number;
  /** Of the disks that were audited. */
  readonly audited: readonly AuditFinding[];
  readonly durationMs: number;
}

export interface AuditFinding {
  readonly label: string;
  readonly comparedBytes: number;
  /** Of these, in whole chunks. */
  readonly differentBytes: number;
}

/** Restore: write the merged view of a chain to disks, then prove it by reading back. */
export interface RestoreOrder {
  readonly kind: 'restore';
  /** Oldest (the full) first; paths below their repository's root. */
  readonly chain: readonly { readonly repository: RepositoryFolder; readonly path: string }[];
  readonly disks: readonly RestoreDiskOrder[];
  readonly readBack: 'full' | 'sampled' | 'off';
  /** Archives made after the restore point on top of it: what they map has changed since, for disks with `only`. */
  readonly changedIn?: RestoreOrder['chain'];
}

export interface RestoreDiskOrder {
  readonly label: string;
  readonly access: DiskAccess;
  /** True when every block of the target reads as zero already (a fresh thin disk): zero runs are not written. */
  readonly targetIsZero: boolean;
  /** Only these areas and those that `changedIn` maps, for a changed-blocks rollback; absent = the whole disk. */
  readonly only?: ExtentList;
  /** Read the target first and write only what differs; `targetIsZero` must be false. */
  readonly skipSame?: boolean;
}

export interface RestoreResult {
  readonly disks: readonly {
    readonly label: string;
    readonly transport: TransportName;
    readonly writtenBytes: number;
    readonly zeroBytes: number;
    /** Read first, found as it must be, and left alone. */
    readonly sameBytes: number;
    /** Read from the target and compared with the archives, `sameBytes` among them. */
    readonly provenBytes: number;
  }[];
  readonly durationMs: number;
}

/** Verify archives: seals, every member and chunk digest, chain links. */
export interface VerifyOrder {
  readonly kind: 'verify';
  readonly chain: readonly { readonly repository: RepositoryFolder; readonly path: string }[];
  /** A part of the only archive: from here (absent: its beginning) for about so many bytes of disk data. */
  readonly part?: { readonly from?: VerifyPosition; readonly mostBytes: number };
  /** What is wrong with these archives already: nothing is checked, and only `lost` is worked out. */
  readonly known?: readonly VerifyDamage[];
}

export interface VerifyDamage {
  readonly path: string;
  /** Member name, or '' for the file as a whole. */
  readonly member: string;
  /** Byte ranges of the disk that are damaged, for a disk member. */
  readonly ranges: readonly { readonly offset: number; readonly length: number }[];
  readonly message: string;
}

export interface VerifyResult {
  readonly checkedBytes: number;
  readonly damage: readonly VerifyDamage[];
  /** For each archive of the chain, what its restore point cannot give; empty without damage. */
  readonly lost: readonly LostData[];
  /** Where to go on; absent: the end was reached. */
  readonly next?: VerifyPosition;
  readonly durationMs: number;
}

export interface LostData {
  readonly path: string;
  /** Nothing of it can be restored. */
  readonly whole: boolean;
  readonly areas: readonly DiskAreas[];
}

/** Put a full archive together from a chain, prove it, and commit it; the chain is only read. */
export interface SynthesizeOrder {
  readonly kind: 'synthesize';
  /** Oldest (the full) first. */
  readonly chain: VerifyOrder['chain'];
  readonly repository: RepositoryFolder;
  /** Final path below the root. */
  readonly path: string;
  readonly header: RestorePointHeader;
  /** For what is put together anew; frames that are copied stay as they are. */
  readonly compressLevel: number;
  /** Public keys of age; absent = the archive is not encrypted. */
  readonly encryptTo?: readonly string[];
  readonly sums?: boolean;
}

export interface SynthesizeResult {
  readonly manifest: Manifest;
  readonly seal: string;
  readonly archiveBytes: number;
  /** Disk data whose stored bytes were taken over as they were. */
  readonly copiedBytes: number;
  readonly rebuiltBytes: number;
  readonly durationMs: number;
}

/** Keep a VM from migrating until a `vddk-cleanup` with the same identity. */
export interface VddkPrepareOrder {
  readonly kind: 'vddk-prepare';
  readonly access: VddkAccess;
  readonly identity: string;
}

/** Tell VDDK to tidy after a dead worker: Cleanup and EndAccess from a fresh process. */
export interface VddkCleanupOrder {
  readonly kind: 'vddk-cleanup';
  readonly access: VddkAccess;
  readonly endAccessIdentity?: string;
}

export type MoverOrder =
  | BackupOrder
  | RestoreOrder
  | VerifyOrder
  | SynthesizeOrder
  | VddkPrepareOrder
  | VddkCleanupOrder;

export interface MoverResults {
  readonly backup: BackupResult;
  readonly restore: RestoreResult;
  readonly verify: VerifyResult;
  readonly synthesize: SynthesizeResult;
  readonly 'vddk-prepare': Readonly<Record<string, never>>;
  readonly 'vddk-cleanup': { readonly cleaned: number; readonly remaining: number };
}

/** Progress of one disk, at most a few times a second. Bytes count from the start of the order. */
export interface MoverProgress {
  readonly label: string;
  readonly phase: 'opening' | 'comparing' | 'copying' | 'reading-back' | 'finishing';
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly storedBytes: number;
  readonly transport?: TransportName;
}

/** What the mover sends up. */
export type MoverEvent =
  | { readonly type: 'ready' }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'progress'; readonly progress: MoverProgress }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  | { readonly type: 'result'; readonly result: MoverResults[MoverOrder['kind']] }
  | { readonly type: 'failed'; readonly error: ErrorRecord };
