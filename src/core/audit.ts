import type { Caller } from './user.ts';

/** What is written down of one act. */
export interface AuditEvent {
  readonly who: string;
  readonly via: Caller['via'];
  /** "POST /restores", "sign in". */
  readonly action: string;
  /** What it was about: a path, a name. */
  readonly target: string;
  readonly outcome: 'done' | 'refused' | 'failed';
  /** What was asked; never with secrets. */
  readonly detail?: string;
}

/** An event in the log: each carries a digest of itself and of the one before it. */
export interface AuditEntry extends AuditEvent {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly timeMs: number;
  readonly previous: string;
  readonly digest: string;
}

/** What is digested: every field in one order, so that neither value nor boundary can be changed. */
export function auditText(entry: Omit<AuditEntry, 'digest'>): string {
  const { seq, timeMs, who, via, action, target, outcome, detail = '', previous } = entry;
  return JSON.stringify([seq, timeMs, who, via, action, target, outcome, detail, previous]);
}

export interface AuditCheck {
  readonly entries: number;
  /** Of the last good entry; note it elsewhere to notice later that the end was cut off. */
  readonly head?: { readonly seq: number; readonly digest: string };
  /** The first entry that is not as it was written, and in which way. */
  readonly broken?: { readonly seq: number; readonly reason: string };
}
