import { ColdframeError } from '#core/error.ts';
import type { ErrorCode } from '#core/error.ts';

import type { NativeError } from './addon.ts';

/** The addon's own names for what is not an errno or a VixError. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  COLDFRAME_DIGEST_MISMATCH: 'digest-mismatch',
  COLDFRAME_DAMAGED_FRAME: 'archive-damaged',
  COLDFRAME_SHORT_ARCHIVE: 'archive-damaged',
  COLDFRAME_WORKER_GONE: 'process-died',
  COLDFRAME_CANCELLED: 'cancelled',
  COLDFRAME_BAD_REQUEST: 'invalid-input',
};

/** `fallback` is the code for an error that has none of its own: 'disk' or 'io'. */
export function fromNative(error: NativeError, fallback: ErrorCode): ColdframeError {
  const { text, ...details } = error;
  return new ColdframeError(codes[error.name] ?? fallback, text, { details });
}

/** Synchronous addon calls throw an Error that carries a `native` property. */
export function rethrowNative(thrown: unknown, fallback: ErrorCode): never {
  const native =
    thrown instanceof Error && 'native' in thrown ? (thrown.native as NativeError) : undefined;
  throw native === undefined ? thrown : fromNative(native, fallback);
}

/** What an aborted signal turns into; its own reason is the cause. */
export function cancelled(signal: AbortSignal): ColdframeError {
  const reason: unknown = signal.reason;
  if (reason instanceof ColdframeError) return reason;
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError';
  return timedOut
    ? new ColdframeError('timeout', 'The disk did not answer before the deadline.', {
        cause: reason,
      })
    : new ColdframeError('cancelled', 'The work on the disk was stopped.', { cause: reason });
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled(signal);
}
