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
