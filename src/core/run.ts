import type { ErrorRecord } from './error.ts';
import type { TransportName } from './restore-point.ts';

/** What coldframe was asked to do and what became of it. */

export const runKinds = ['backup', 'restore', 'verify'] as const;
export type RunKind = (typeof runKinds)[number];

/**
 * queued → running → one of the ends. `warned` means done, with something to look at;
 * `interrupted` means that the service ended before the task did.
 */
export const runStates = [
  'queued',
  'running',
  'succeeded',
  'warned',
  'failed',
  'cancelled',
  'interrupted',
] as const;
export type RunState = (typeof runStates)[number];

export function isEnded(state: RunState): boolean {
  return state !== 'queued' && state !== 'running';
}

/** One execution of a job, or of an order given by hand. */
export interface RunRecord {
  readonly id: string;
  readonly kind: RunKind;
  /** For people: "Back up demo-app". */
  readonly title: string;
  readonly jobName: string | null;
  readonly state: RunState;
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly taskIds: readonly string[];
}

/** One VM inside a run. */
export interface TaskRecord {
  readonly id: string;
  readonly runId: string;
  readonly kind: RunKind;
  /** The VM's name, or what else the task is about. */
  readonly subject: string;
  /** What was asked, as the API received it; never with secrets. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly state: RunState;
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** The last report of each disk. */
  readonly disks: readonly TaskDisk[];
  readonly warnings: readonly string[];
  readonly error?: ErrorRecord;
  /** What came of it: ids, sizes, reasons; the shape depends on `kind`. */
  readonly result?: Readonly<Record<string, unknown>>;
}

export interface TaskDisk {
  readonly label: string;
  readonly phase: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly storedBytes: number;
  readonly transport?: TransportName;
}

/**
 * The state of a run whose tasks have ended: the worst of them, except that a run some of
 * whose tasks were good is `failed` only in part, which its tasks show.
 */
export function stateOfTasks(states: readonly RunState[]): RunState {
  const worst: readonly RunState[] = ['failed', 'interrupted', 'cancelled', 'warned', 'succeeded'];
  return worst.find((state) => states.includes(state)) ?? 'succeeded';
}
