/** What the administrator, prune and verify noted about a restore point; kept beside it in the catalog. */
export interface RestorePointMarks {
  /** Retention never removes it. */
  readonly pin?: Pin;
  /** Its archive is being deleted, or was when the service ended. */
  readonly removing?: true;
  /** What the last verification found wrong with it, or with one it builds on. */
  readonly damage?: Damage;
  /** The last time its archive alone was read to its end and every digest compared. */
  readonly checked?: ArchiveCheck;
  /** A check that has got so far. */
  readonly checking?: StartedCheck;
}

export interface ArchiveCheck {
  readonly atMs: number;
  /** Every digest was right. */
  readonly good: boolean;
}

export interface StartedCheck {
  readonly next: VerifyPosition;
  /** Nothing wrong so far. */
  readonly good: boolean;
}

/** Where the check of an archive goes on; chunks count from the first of the disk. */
export interface VerifyPosition {
  readonly label: string;
  readonly chunk: number;
}

/** Byte ranges of one disk, sorted and apart. */
export interface DiskAreas {
  readonly label: string;
  readonly ranges: readonly { readonly offset: number; readonly length: number }[];
}

export interface Damage {
  /** When it was found. */
  readonly atMs: number;
  /** The damaged archive, below its repository. */
  readonly path: string;
  readonly message: string;
  /** What of the disks cannot be restored, none when only other members are damaged; absent: nothing can be. */
  readonly areas?: readonly DiskAreas[];
}

export interface Pin {
  readonly atMs: number;
  /** Why, for the person who asks later. */
  readonly note: string;
}
