import type { Problem } from '#core/api.ts';
import type { ErrorCode, ErrorRecord } from '#core/error.ts';

/** The one place where error codes become HTTP statuses. */
const statusOfCode: Readonly<Record<ErrorCode, number>> = {
  'invalid-input': 400,
  'no-permission': 403,
  'not-found': 404,
  'certificate-changed': 409,
  busy: 409,
  'not-eligible': 409,
  repository: 409,
  'chain-broken': 409,
  cancelled: 409,
  locked: 423,
  'login-refused': 422,
  'archive-damaged': 422,
  'archive-version': 422,
  'digest-mismatch': 422,
  internal: 500,
  disk: 500,
  'process-died': 500,
  io: 500,
  unreachable: 502,
  'vsphere-fault': 502,
  timeout: 504,
  'no-space': 507,
};

export function httpStatus(code: ErrorCode): number {
  return statusOfCode[code];
}

/** RFC 9457; the type is a name and not an address, since nothing is served there. */
export function problemOf(record: ErrorRecord, status = httpStatus(record.code)): Problem {
  return {
    type: `urn:coldframe:error:${record.code}`,
    title: record.code.replaceAll('-', ' '),
    status,
    detail: record.message,
    code: record.code,
    ...(record.details === undefined ? {} : { details: record.details }),
    ...(record.cause === undefined ? {} : { cause: record.cause }),
  };
}
