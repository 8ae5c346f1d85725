import type { ArchiveKey, Endpoint, RepositoryConfig } from './config.ts';
import type { ConfigChange } from './config-document.ts';
import type { ErrorRecord } from './error.ts';
import type { Job } from './job.ts';
import type { JournalEntry } from './journal.ts';
import type { Finding } from './preflight.ts';
import type { PrivilegeGap } from './privilege-gaps.ts';
import type { Damage, Pin } from './restore-point-marks.ts';
import type { RetentionPolicy, RetentionVerdict } from './retention.ts';
import type { Simulation } from './retention-simulation.ts';
import type { RestorePoint } from './restore-point.ts';
import type { RunRecord, TaskDisk, TaskRecord } from './run.ts';
import type { PowerState, VmIdentity, VmSummary } from './vm.ts';

/**
 * What the API under /api/v1 sends. Lists are objects, so that paging and notes can be
 * added without breaking callers.
 */

export interface HealthReport {
  /** `degraded`: works, but something needs a look. */
  readonly status: 'ok' | 'degraded';
  readonly version: string;
  readonly applianceId: string;
  readonly startedAtMs: number;
  readonly pid: number;
  readonly checks: readonly HealthCheck[];
  readonly running: number;
  readonly queued: number;
  readonly openJournalEntries: number;
}

export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
}

/** A certificate shown for confirmation; thumbprints are upper-case colon hex. */
export interface CertificateView {
  readonly address: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
}

export interface EndpointTest {
  readonly endpoint: Endpoint;
  readonly product: string;
  readonly apiVersion: string;
  readonly instanceUuid: string;
  readonly vmCount: number;
  /** What the account lacks; absent when the server did not say, and then `privilegesUnknown` says why. */
  readonly privilegeGaps?: readonly PrivilegeGap[];
  readonly privilegesUnknown?: string;
}

export interface EndpointList {
  readonly endpoints: readonly Endpoint[];
}

export interface VmList {
  readonly vms: readonly VmSummary[];
}

/** What a backup of the VM would meet. */
export interface VmCheckView {
  readonly vm: VmIdentity;
  readonly powerState: PowerState;
  readonly hardwareVersion: number;
  readonly changeTrackingEnabled: boolean;
  readonly findings: readonly Finding[];
  /** Nothing blocks it. */
  readonly eligible: boolean;
}

/** `error` is set when the folder cannot be used now. */
export interface RepositoryView extends RepositoryConfig {
  readonly freeBytes?: number;
  readonly totalBytes?: number;
  readonly error?: ErrorRecord;
}

export interface RepositoryList {
  readonly repositories: readonly RepositoryView[];
}

/** What a repository's folder showed when it was added. */
export interface FolderProof {
  /** Of a sample of a few MiB, made durable. */
  readonly writeBytesPerSecond: number;
  readonly readBytesPerSecond: number;
  /** Without, plain archives take the room of the whole disk. */
  readonly keepsHoles: boolean;
}

export interface RepositoryAdded extends RebuildResult {
  readonly proof: FolderProof;
}

/** Whom new archives of a repository are encrypted to; nobody: they are not encrypted. */
export interface EncryptionView {
  readonly repository: RepositoryConfig;
  readonly recipients: readonly {
    /** Public key of age. */
    readonly recipient: string;
    /** The service can open what is encrypted to it. */
    readonly keyIsHere: boolean;
  }[];
}

export interface ArchiveKeyView extends ArchiveKey {
  /** False: until the service ends. */
  readonly kept: boolean;
}

export interface ArchiveKeyList {
  readonly keys: readonly ArchiveKeyView[];
}

/** A kind of difference: how many, and the first thousand. */
export interface DifferenceList<T> {
  readonly count: number;
  readonly first: readonly T[];
}

/** How a repository's folder and the catalog differ, by names and sizes. */
export interface RepositoryDifferences {
  /** In the folder. */
  readonly archives: number;
  /** In the catalog. */
  readonly known: number;
  /** Paths that the catalog knows and the folder lacks. */
  readonly missing: DifferenceList<string>;
  readonly unknown: DifferenceList<string>;
  readonly changed: DifferenceList<{
    readonly path: string;
    readonly bytes: number;
    readonly knownBytes: number;
  }>;
  /** Final paths of archives that are being written or were left by a crash. */
  readonly unfinished: DifferenceList<string>;
}

export interface ConfigDiff {
  readonly changes: readonly ConfigChange[];
}

export interface ConfigOutcome extends ConfigChange {
  /** Why it could not be done. */
  readonly error?: ErrorRecord;
}

/** What was added or changed, or could not be. */
export interface ConfigApplied {
  readonly outcomes: readonly ConfigOutcome[];
}

export interface RebuildResult {
  readonly repository: RepositoryConfig;
  readonly found: number;
  readonly added: number;
  readonly removed: number;
  /** Paths of archives that the catalog knows and the folder lacks, a thousand at most; they stay in the catalog. */
  readonly missing?: readonly string[];
  /** Archives that lie there and cannot be read, and why; the catalog keeps what it knew of them. */
  readonly unreadable: readonly { readonly path: string; readonly message: string }[];
}

export interface VddkStatus {
  readonly installed: boolean;
  readonly libDir?: string;
  readonly version?: string;
}

export interface RunList {
  readonly runs: readonly RunRecord[];
  /** Give it as `after` for the next page. */
  readonly next?: string;
}

export interface RunView {
  readonly run: RunRecord;
  readonly tasks: readonly TaskRecord[];
}

export interface RestorePointView extends RestorePoint {
  /** Retention never removes it. */
  readonly pin?: Pin;
  /** Found by its last verification. */
  readonly damage?: Damage;
  /** Every byte of it and of what it builds on has been found good since; absent: never. */
  readonly provenAtMs?: number;
}

/** The public half of the key that restore points are signed with. */
export interface SigningKeyView {
  /** PEM. */
  readonly pem: string;
  /** As archives name it. */
  readonly keyId: string;
}

export interface RestorePointList {
  readonly restorePoints: readonly RestorePointView[];
  readonly next?: string;
}

export interface ArchiveFiles {
  /** Oldest first; absolute paths on the service's machine. */
  readonly archives: readonly { readonly id: string; readonly path: string }[];
}

export interface JobView {
  readonly job: Job;
  /** Absent: paused, or without a schedule. */
  readonly nextMs?: number;
  readonly lastRun?: RunRecord;
}

export interface JobList {
  readonly jobs: readonly JobView[];
}

export interface JobTimes {
  /** Epoch ms, rising. */
  readonly timesMs: readonly number[];
}

/** What a policy means for restore points that are there and for those that are to come. */
export interface RetentionSimulation {
  readonly policy: RetentionPolicy;
  /** Now, newest first; `why` says the reasons in words. */
  readonly now: readonly (RetentionVerdict & {
    readonly createdAtMs: number;
    readonly why: string;
  })[];
  /** Absent without a schedule. */
  readonly coming?: Simulation & { readonly days: number };
}

export interface JournalView {
  readonly open: readonly JournalEntry[];
  readonly recent: readonly JournalEntry[];
}

export interface RecoveryView {
  /** Entries that were undone now. */
  readonly undone: number;
  /** What is still open, each with `lastFailure`. */
  readonly open: readonly JournalEntry[];
}

export interface LogLine {
  readonly timeMs: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly taskId?: string;
  readonly message: string;
}

export interface RunLogView {
  readonly lines: readonly LogLine[];
}

/** Sent on a run's event stream; the stream ends after the `run` event of an ended run. */
export type RunEvent =
  | { readonly type: 'run'; readonly run: RunRecord }
  | { readonly type: 'task'; readonly task: TaskRecord }
  | { readonly type: 'progress'; readonly taskId: string; readonly disk: TaskDisk }
  | { readonly type: 'log'; readonly line: LogLine };

/** RFC 9457 problem details; `code`, `details` and `cause` are those of the error. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: ErrorRecord;
}
