/**
 * The closed set of error codes. A code says which kind of thing went wrong and
 * maps to one exit code and one HTTP status; the message says what to do.
 */
export const errorCodes = [
  /** The caller's input is wrong: a name, an option, a file that is not what it should be. */
  'invalid-input',
  /** A named thing (VM, endpoint, repository, restore point) does not exist. */
  'not-found',
  /** User name or password refused; never retried. */
  'login-refused',
  /** The certificate is not the one that was confirmed. */
  'certificate-changed',
  /** The account lacks a privilege; the message names privilege and object. */
  'no-permission',
  /** The endpoint cannot be reached or dropped the connection. */
  'unreachable',
  /** vSphere answered with a fault that has no code of its own; `details.fault` names it. */
  'vsphere-fault',
  /** Something else is using the object: vim task in progress, locked file, busy repository. */
  'busy',
  /** A VM cannot be backed up or restored as it stands; the message names the reason. */
  'not-eligible',
  /** Reading or writing a disk failed; `details` holds the disk worker's error. */
  'disk',
  /** The disk worker, mover or another child process died or stopped answering. */
  'process-died',
  /** Repository folder missing, not marked, not writable, or not the one we knew. */
  'repository',
  /** Repository, datastore or temporary space is full. */
  'no-space',
  /** Archive damaged, truncated, unsealed or of a newer version. */
  'archive-damaged',
  'archive-version',
  /** The archive is encrypted and no key at hand opens it. */
  'locked',
  /** A digest differs from what was recorded. */
  'digest-mismatch',
  /** A chain lacks a restore point that a later one needs. */
  'chain-broken',
  /** The operating system refused: EIO, EACCES and the like. */
  'io',
  /** Stopped on request. */
  'cancelled',
  /** A deadline passed. */
  'timeout',
  /** A state that the code says cannot be. */
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Facts for logs and API, JSON-safe and without secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The one error class. `message` is a sentence for the administrator: what is wrong and what to do. */
export class ColdframeError extends Error {
  override readonly name = 'ColdframeError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** JSON-safe form of any thrown value, cause chain included; what crosses process and API borders. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: ErrorRecord;
}

export function toErrorRecord(thrown: unknown): ErrorRecord {
  if (thrown instanceof ColdframeError) {
    const record: ErrorRecord = { code: thrown.code, message: thrown.message };
    return {
      ...record,
      ...(Object.keys(thrown.details).length > 0 ? { details: thrown.details } : {}),
      ...(thrown.cause === undefined ? {} : { cause: toErrorRecord(thrown.cause) }),
    };
  }
  if (thrown instanceof Error) {
    const cause = thrown.cause === undefined ? {} : { cause: toErrorRecord(thrown.cause) };
    return { code: codeOfForeign(thrown), message: thrown.message || thrown.name, ...cause };
  }
  return { code: 'internal', message: String(thrown) };
}

export function fromErrorRecord(record: ErrorRecord): ColdframeError {
  return new ColdframeError(record.code, record.message, {
    ...(record.details === undefined ? {} : { details: record.details }),
    ...(record.cause === undefined ? {} : { cause: fromErrorRecord(record.cause) }),
  });
}

/** Keeps a ColdframeError as it is and wraps anything else under `code`. */
export function wrapError(code: ErrorCode, message: string, cause: unknown): ColdframeError {
  return cause instanceof ColdframeError ? cause : new ColdframeError(code, message, { cause });
}

function codeOfForeign(error: Error): ErrorCode {
  if (error.name === 'AbortError') return 'cancelled';
  if (error.name === 'TimeoutError') return 'timeout';
  const systemCode = 'code' in error ? error.code : undefined;
  if (systemCode === 'ENOSPC' || systemCode === 'EDQUOT') return 'no-space';
  if (typeof systemCode === 'string' && /^E[A-Z]+$/.test(systemCode)) return 'io';
  return 'internal';
}
