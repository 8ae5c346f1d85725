import { ColdframeError } from '#core/error.ts';
import type { Moref } from '#core/vm.ts';
import { normalise } from './decode.ts';
import { faultError, faultOf } from './fault.ts';
import { at, listAt, textAt, typeOf, type VimObject, type VimValue } from './value.ts';

export interface CallPlace {
  readonly method: string;
  /** host[:port], for the message. */
  readonly server: string;
  readonly calledOn?: Moref;
}

/** What `soap` and axios reject with, as far as we look at it. */
interface Thrown {
  readonly message?: string;
  readonly code?: string;
  readonly cause?: unknown;
  readonly response?: { readonly status?: number };
  readonly root?: { readonly Envelope?: { readonly Body?: { readonly Fault?: SoapFault } } };
  readonly Fault?: unknown;
}

interface SoapFault {
  readonly faultstring?: unknown;
  readonly detail?: Readonly<Record<string, unknown>> | string;
}

/** Failures before a byte of the request was sent. */
const unsentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * Sorts what `soap` threw. A fault has `details.fault`: the server has refused the
 * call. A transport failure has code `unreachable` and no fault: the call may or may not have
 * been carried out, except with `details.unsent`. Never keeps the error itself: axios
 * hangs the request, password included, on it.
 */
export function soapError(thrown: unknown, place: CallPlace): ColdframeError {
  if (thrown instanceof ColdframeError) return thrown;
  const { method, server } = place;
  const error = (thrown ?? {}) as Thrown;
  if (error.cause instanceof ColdframeError) return error.cause;
  const fault = error.root?.Envelope?.Body?.Fault;
  if (fault !== undefined) return fromSoapFault(fault, place);
  const status = error.response?.status;
  if (status !== undefined && status !== 200) return fromStatus(status, method, server);
  if (isUntrusted(error.code)) return untrusted(error, server);
  const code = error.code ?? '';
  const unsent = unsentCodes.has(code);
  return new ColdframeError(
    'unreachable',
    unsent
      ? `${server} cannot be reached. Check the address, the network and that vSphere is running.`
      : `The connection to ${server} broke during ${method}. Check the network and that vSphere is running.`,
    {
      details: {
        method,
        ...(code === '' ? {} : { transport: code }),
        ...(unsent ? { unsent } : {}),
      },
      cause: new Error(error.message ?? 'the answer was not XML'),
    },
  );
}

/** Whether the call may have been carried out although no answer came. */
export function outcomeUnknown(error: unknown): boolean {
  return (
    error instanceof ColdframeError &&
    (error.code === 'unreachable' || error.code === 'timeout') &&
    error.details['fault'] === undefined &&
    error.details['unsent'] !== true
  );
}

/** Whether the login has expired: SOAP says it with a fault, the datastores' files with a status. */
export function isExpired(error: unknown): boolean {
  return (
    faultOf(error) === 'NotAuthenticated' ||
    (error instanceof ColdframeError && error.details['status'] === 401)
  );
}

/**
 * The property collector may answer a login that has expired with objects whose properties are all
 * missing, each for NotAuthenticated. Throws the fault that it means.
 */
export function refuseExpired(answer: VimValue | undefined, method: string): void {
  for (const object of listAt(answer, 'objects'))
    for (const missing of listAt(object, 'missingSet')) {
      const fault = at(missing, 'fault.fault');
      if (typeOf(fault) === 'NotAuthenticated')
        throw faultError(fault, textAt(missing, 'fault.localizedMessage') ?? '', { method });
    }
}

/** A fault as decode-updates.ts decoded it. */
export function decodedFault(fault: VimValue, { method, calledOn }: CallPlace): ColdframeError {
  const detail = at(fault, 'detail');
  const [[name, value] = ['Fault', undefined]] = Object.entries(
    typeof detail === 'object' && !Array.isArray(detail) ? (detail as VimObject) : {},
  );
  const fields = typeof value === 'object' && !Array.isArray(value) ? (value as VimObject) : {};
  const message = textAt(fault, 'faultstring') ?? '';
  return faultError({ ...fields, $type: name.replace(/Fault$/, '') }, message, {
    method,
    ...(calledOn === undefined ? {} : { calledOn }),
  });
}

function fromSoapFault(
  { faultstring, detail }: SoapFault,
  { method, calledOn }: CallPlace,
): ColdframeError {
  const [[name, value] = ['Fault', undefined]] = Object.entries(
    typeof detail === 'object' ? detail : {},
  ).filter(([key]) => key !== 'attributes');
  const normal = normalise(value);
  const fields: VimObject =
    typeof normal === 'object' && !Array.isArray(normal) ? (normal as VimObject) : {};
  const fault = { $type: name.replace(/Fault$/, ''), ...fields };
  const text = normalise(faultstring);
  return faultError(fault, typeof text === 'string' ? text : '', {
    method,
    ...(calledOn === undefined ? {} : { calledOn }),
  });
}

function fromStatus(status: number, method: string, server: string): ColdframeError {
  const details = { method, status };
  if (status >= 500)
    return new ColdframeError(
      'unreachable',
      `${server} answered ${method} with HTTP ${status}. vSphere is starting, stopping or overloaded; try again in a few minutes.`,
      { details },
    );
  if (status === 401 || status === 403)
    return new ColdframeError(
      'no-permission',
      `${server} refused ${method} with HTTP ${status}. Grant the account Datastore.Browse and Datastore.FileManagement.`,
      { details },
    );
  return new ColdframeError(
    'unreachable',
    `${server} answered ${method} with HTTP ${status}, so it is not a vSphere server. Check the endpoint's address.`,
    { details: { ...details, unsent: true } },
  );
}

/** Codes of Node's certificate checks (OpenSSL's X509_V_ERR names and its own). */
function isUntrusted(code: string | undefined): boolean {
  return (
    code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|ISSUER|HOSTNAME_MISMATCH/.test(code)
  );
}

function untrusted(error: Thrown, server: string): ColdframeError {
  return new ColdframeError(
    'certificate-changed',
    `The certificate of ${server} is not trusted (${error.message ?? 'unknown reason'}). Install its authority on this appliance, or confirm the certificate's thumbprint for this endpoint.`,
    { details: { reason: error.code, unsent: true } },
  );
}
