import type { Secret } from '#core/secret.ts';

import type { ReadStreamOptions } from './read-stream.ts';
import type { SlotBatch } from './slot.ts';
import type { WriteStream, WriteStreamOptions } from './write-stream.ts';

export interface DiskWorkerOptions {
  /** Distribution root of VDDK, the folder that holds lib64/; absent where only block devices and files are opened. */
  readonly libDir?: string;
  /** Private folder for VDDK's configuration and crash state; the same in every run. */
  readonly stateDir?: string;
  /** One line of the worker's stdout, stderr or VDDK log. */
  readonly onLog?: (line: string) => void;
  /** Added to the worker's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface LibraryInfo {
  readonly major: number;
  readonly version: string;
  readonly path: string;
  readonly transportModes: readonly string[];
  /** Functions that this release lacks and that we can do without. */
  readonly missing: readonly string[];
}

export interface WorkerConnectionOptions {
  /** Absent: local disk files. */
  readonly server?: string;
  readonly port?: number;
  readonly nfcPort?: number;
  readonly thumbprint?: string;
  readonly user?: string;
  readonly password?: Secret;
  readonly sessionCookie?: Secret;
  readonly vmMoref?: string;
  readonly snapshotMoref?: string;
  readonly readOnly: boolean;
  readonly transports?: readonly string[];
  readonly identity?: string;
}

/** A VixDiskLib connection; close its disks before `disconnect()`. */
export interface WorkerConnection {
  connect(signal?: AbortSignal): Promise<void>;
  open(path: string, options: OpenVddkOptions): Promise<WorkerDisk>;
  disconnect(signal?: AbortSignal): Promise<void>;
  prepareForAccess(signal?: AbortSignal): Promise<void>;
  endAccess(signal?: AbortSignal): Promise<void>;
  cleanup(signal?: AbortSignal): Promise<{ readonly cleaned: number; readonly remaining: number }>;
}

export interface OpenVddkOptions {
  readonly readOnly: boolean;
  readonly unbuffered?: boolean;
  readonly compression?: 'none' | 'zlib' | 'fastlz' | 'skipz';
  readonly signal?: AbortSignal;
}

export interface OpenBlockOptions {
  readonly path: string;
  readonly readOnly: boolean;
  /** Bypass the page cache where possible. Default true. */
  readonly direct?: boolean;
  /** Requests that really overlap, 1 to 64. Default 4. */
  readonly queueThreads?: number;
  readonly signal?: AbortSignal;
}

export interface WorkerDiskInfo {
  readonly capacityBytes: number;
  readonly logicalSectorBytes: number;
  readonly physicalSectorBytes: number;
  /** What really carries the bytes: hotadd, san, nbdssl, nbd, file or block. */
  readonly transport: string;
  readonly uuid: string;
}

export interface WorkerDisk extends AsyncDisposable {
  readonly info: WorkerDiskInfo;
  /** Allocated byte ranges as pairs [offset, length, ...]; undefined where the source has no map. */
  allocated(signal?: AbortSignal): Promise<Float64Array | undefined>;
  metadata(signal?: AbortSignal): Promise<Readonly<Record<string, string>>>;
  writeMetadata(key: string, value: string, signal?: AbortSignal): Promise<void>;
  read(options: ReadStreamOptions): AsyncGenerator<SlotBatch>;
  write(options: WriteStreamOptions): WriteStream;
  flush(signal?: AbortSignal): Promise<void>;
  close(signal?: AbortSignal): Promise<void>;
}
