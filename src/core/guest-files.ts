import type { ErrorRecord } from './error.ts';

/** Files inside a restore point, as the file browser shows them. */

export interface GuestVolume {
  /** First component of the paths on it: "sda1", "vg0-data". */
  readonly name: string;
  readonly device: string;
  readonly fileSystem: string;
  readonly label: string;
  /** Absent: it holds no files, or `error` says why they cannot be read. */
  readonly usage?: { readonly totalBytes: number; readonly freeBytes: number };
  readonly error?: string;
}

export interface GuestSystem {
  /** "linux", "windows". */
  readonly kind: string;
  readonly product: string;
  readonly hostName: string;
  readonly mountpoints: readonly { readonly path: string; readonly device: string }[];
}

export interface GuestVolumes {
  readonly volumes: readonly GuestVolume[];
  readonly systems: readonly GuestSystem[];
}

export type GuestEntryKind = 'file' | 'folder' | 'link' | 'other';

export interface GuestEntry {
  /** For people; bytes that are no UTF-8 are replaced. */
  readonly name: string;
  /** For the next request: odd characters as %XX. */
  readonly path: string;
  readonly kind: GuestEntryKind;
  readonly bytes: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedAtMs: number;
  readonly linkTarget?: string;
}

export interface GuestEntries {
  /** By name. */
  readonly entries: readonly GuestEntry[];
  /** Of the whole folder. */
  readonly total: number;
  /** Give it as `from` for the next page. */
  readonly next?: number;
}

/** A restore point whose files can be browsed for a while. */
export interface FileMount {
  readonly id: string;
  readonly restorePoint: string;
  readonly vmName: string;
  readonly createdAtMs: number;
  readonly owner: string;
  readonly state: 'opening' | 'ready' | 'failed';
  /** Why it failed. */
  readonly error?: ErrorRecord;
  readonly openedAtMs: number;
  /** Put off by every use. */
  readonly expiresAtMs: number;
}

export interface FileMountList {
  readonly mounts: readonly FileMount[];
}
