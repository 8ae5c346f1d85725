import type { ErrorCode } from '#core/error.ts';
import type { RunState } from '#core/run.ts';

/** What scripts can rely on; shown by `coldframe help exit-codes`. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  warnings: 3,
  notFound: 4,
  refused: 5,
  unreachable: 6,
  busy: 7,
  damaged: 8,
  noSpace: 9,
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.ok, 'done'],
  [exitCodes.failed, 'failed; the message says why'],
  [exitCodes.usage, 'wrong command, option or value'],
  [exitCodes.warnings, 'done, with warnings to look at'],
  [exitCodes.notFound, 'a named thing does not exist'],
  [exitCodes.refused, 'refused: password, certificate, privilege or key'],
  [exitCodes.unreachable, 'the service or the endpoint does not answer'],
  [exitCodes.busy, 'something else is using it; try again later'],
  [exitCodes.damaged, 'an archive is damaged, incomplete or of a newer version'],
  [exitCodes.noSpace, 'no space left'],
  [exitCodes.cancelled, 'cancelled'],
];

const codeOfError: Readonly<Record<ErrorCode, ExitCode>> = {
  'invalid-input': exitCodes.usage,
  'not-found': exitCodes.notFound,
  'login-refused': exitCodes.refused,
  'certificate-changed': exitCodes.refused,
  'no-permission': exitCodes.refused,
  locked: exitCodes.refused,
  unreachable: exitCodes.unreachable,
  timeout: exitCodes.unreachable,
  busy: exitCodes.busy,
  'archive-damaged': exitCodes.damaged,
  'archive-version': exitCodes.damaged,
  'digest-mismatch': exitCodes.damaged,
  'chain-broken': exitCodes.damaged,
  'no-space': exitCodes.noSpace,
  cancelled: exitCodes.cancelled,
  'vsphere-fault': exitCodes.failed,
  'not-eligible': exitCodes.failed,
  disk: exitCodes.failed,
  'process-died': exitCodes.failed,
  repository: exitCodes.failed,
  io: exitCodes.failed,
  internal: exitCodes.failed,
};

export function exitCodeOf(code: ErrorCode): ExitCode {
  return codeOfError[code];
}

const codeOfRun: Readonly<Record<RunState, ExitCode>> = {
  queued: exitCodes.ok,
  running: exitCodes.ok,
  succeeded: exitCodes.ok,
  warned: exitCodes.warnings,
  failed: exitCodes.failed,
  interrupted: exitCodes.failed,
  cancelled: exitCodes.cancelled,
};

/** For a run that was followed to its end, or only started. */
export function exitCodeOfRun(state: RunState): ExitCode {
  return codeOfRun[state];
}
