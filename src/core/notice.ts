/** What coldframe tells people, and whom. */

export const severities = ['good', 'warning', 'failure'] as const;
export type Severity = (typeof severities)[number];

export const noticeKinds = ['run', 'alarm', 'alarm-over', 'summary', 'test'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export interface Notice {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly severity: Severity;
  readonly timeMs: number;
  /** One line. */
  readonly title: string;
  /** What is wrong and what to do; lines. */
  readonly text: string;
  /** The run that it is about. */
  readonly runId?: string;
}

/** Which notices a way of telling takes. */
export const notifyRules = ['always', 'warnings', 'failures'] as const;
export type NotifyRule = (typeof notifyRules)[number];

export function takes(rule: NotifyRule, { kind, severity }: Notice): boolean {
  // Asked for by a person, or by switching it on.
  if (kind === 'test' || kind === 'summary') return true;
  // Whoever heard of the trouble hears that it is over.
  if (kind === 'alarm-over') return true;
  if (rule === 'always') return true;
  return rule === 'warnings' ? severity !== 'good' : severity === 'failure';
}

/** A notice on its way to one receiver. */
export interface Posting {
  readonly id: string;
  /** "mail", "syslog", "webhook/<id>". */
  readonly to: string;
  readonly notice: Notice;
  readonly attempts: number;
  readonly nextMs: number;
}
