/** What the administrator, prune and verify noted about a restore point; kept beside it in the catalog. */
export interface RestorePointMarks {
  /** Retention never removes it. */
  readonly pin?: Pin;
  /** Its archive is being deleted, or was when the service ended. */
  readonly removing?: true;
  /** What the last verification found wrong with it, or with one it builds on. */
  readonly damage?: Damage;
}

export interface Damage {
  /** When it was found. */
  readonly atMs: number;
  /** The damaged archive, below its repository. */
  readonly path: string;
  readonly message: string;
}

export interface Pin {
  readonly atMs: number;
  /** Why, for the person who asks later. */
  readonly note: string;
}
