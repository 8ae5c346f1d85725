/**
 * The journal: what coldframe is about to do to the world outside, written with
 * sync before the call that does it, so that any crash can be undone. See
 * docs/journal.md.
 */

/** Details per kind: what undo needs to find the effect even when the answer was lost. */
export interface JournalDetails {
  /** A backup snapshot; the effect is found by `marker` in its description. */
  readonly snapshot: {
    readonly vmMoref: string;
    /** Absent in entries of older versions. */
    readonly vmInstanceUuid?: string;
    readonly snapshotName: string;
  };
  /** Disks attached to the appliance's own VM; found by backing file and, once known, device key. */
  readonly attach: {
    readonly applianceMoref: string;
    readonly vmMoref: string;
    readonly files: readonly string[];
    /** What the files became; absent until the call has succeeded. */
    readonly deviceKeys?: readonly number[];
  };
  /** VixDiskLib_PrepareForAccess; undone by EndAccess with the same identity from a fresh worker. */
  readonly 'disable-migration': { readonly vmMoref: string; readonly identity: string };
  /** A VDDK connection that may leave transport state; undone by VixDiskLib_Cleanup from a fresh worker. */
  readonly 'vddk-access': { readonly vmMoref: string };
  /** A VM made by a restore; found by `marker` in its extraConfig. */
  readonly 'created-vm': {
    readonly name: string;
    readonly folderPath: string;
    /** Stays, marked as unfinished, when the restore fails. */
    readonly keep?: boolean;
  };
  /** A snapshot taken to ask what changed before a rollback, or to write below it over SAN. */
  readonly 'restore-snapshot': JournalDetails['snapshot'] & {
    /** Its base is written to: revert to it before removing it. */
    readonly revert?: boolean;
  };
  /** A VM powered off for a restore; powered on again when its disks are what they were. */
  readonly 'power-off': {
    readonly vmMoref: string;
    readonly vmInstanceUuid?: string;
    readonly powerOnAgain: boolean;
  };
  /** In-place restore under way: the VM must not look healthy until done. */
  readonly 'in-place-restore': {
    readonly vmMoref: string;
    readonly vmInstanceUuid?: string;
    readonly restorePointId: string;
    /** Slot label and uuid ('' where it has none) of each disk that is written; absent: all. */
    readonly disks?: readonly { readonly label: string; readonly uuid: string }[];
  };
  /** An unfinished archive file. */
  readonly 'partial-archive': { readonly repositoryId: string; readonly path: string };
  readonly mount: { readonly path: string };
  readonly export: { readonly path: string };
}

/** Said with a mark: why an attempt to undo failed, or the devices that the call has made. */
export type JournalNote = string | { readonly deviceKeys: readonly number[] };

export type JournalKind = keyof JournalDetails;

/** intended: the call may or may not have been made; done: it succeeded; undone: nothing is left (terminal). */
export type JournalState = 'intended' | 'done' | 'undone';

export interface JournalEntryOf<K extends JournalKind> {
  readonly id: string;
  readonly taskId: string;
  readonly kind: K;
  readonly endpointId: string;
  /** Unforgeable tag put where the effect can be found again: `coldframe:<applianceId>:<entryId>`. */
  readonly marker: string;
  readonly detail: JournalDetails[K];
  readonly state: JournalState;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Why undo has not succeeded yet, for the Health page. */
  readonly lastFailure?: string;
}

/** Distributes over the kinds, so that a switch on `kind` narrows `detail`. */
export type JournalEntry = { [K in JournalKind]: JournalEntryOf<K> }[JournalKind];
