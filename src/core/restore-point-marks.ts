/** What the administrator and prune noted about a restore point; kept beside it in the catalog. */
export interface RestorePointMarks {
  /** Retention never removes it. */
  readonly pin?: Pin;
  /** Its archive is being deleted, or was when the service ended. */
  readonly removing?: true;
}

export interface Pin {
  readonly atMs: number;
  /** Why, for the person who asks later. */
  readonly note: string;
}
