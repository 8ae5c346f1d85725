import { ColdframeError, type ErrorCode } from '#core/error.ts';
import type { Moref } from '#core/vm.ts';
import { morefAt, numberAt, textAt, typeOf, type VimValue } from './value.ts';

/** Where a fault came up: the operation, and the object it was called on. */
export interface FaultContext {
  readonly method: string;
  readonly object?: string;
  /** The same with its type: named where the fault itself names no object. */
  readonly calledOn?: Moref;
}

const codes: Readonly<Record<string, ErrorCode>> = {
  InvalidLogin: 'login-refused',
  NoPermission: 'no-permission',
  ManagedObjectNotFound: 'not-found',
  TaskInProgress: 'busy',
  ResourceInUse: 'busy',
  ConcurrentAccess: 'busy',
  FileLocked: 'busy',
  MethodDisabled: 'busy',
  FileNotFound: 'not-found',
  DuplicateName: 'invalid-input',
  HostNotConnected: 'unreachable',
  HostCommunication: 'unreachable',
  HostNotReachable: 'unreachable',
  Timedout: 'unreachable',
  RequestCanceled: 'cancelled',
  NoDiskSpace: 'no-space',
  InsufficientStorageSpace: 'no-space',
  InvalidPowerState: 'not-eligible',
  SnapshotDisabled: 'not-eligible',
  SnapshotLocked: 'not-eligible',
  TooManySnapshotLevels: 'not-eligible',
  MultipleSnapshotsNotSupported: 'not-eligible',
  MemorySnapshotOnIndependentDisk: 'not-eligible',
  RestrictedVersion: 'not-eligible',
  LicenseRestricted: 'not-eligible',
};

const adviceForFault: Readonly<Record<string, string>> = {
  DuplicateName: 'Choose another name.',
  FileNotFound: 'It may have been moved or removed; look at the datastore.',
  MethodDisabled:
    'Another product has disabled it for this object, often a backup that is running.',
};

const advice: Readonly<Partial<Record<ErrorCode, string>>> = {
  'login-refused':
    'Check user name and password of the endpoint; coldframe does not try again by itself, so that the account is not locked.',
  'not-found': 'It may have been removed or registered anew; refresh the inventory.',
  busy: 'Another operation is using it; wait until that has finished.',
  unreachable: 'Check that the host is connected and answering in vCenter.',
  'no-space': 'Free space on the datastore.',
};

/**
 * A vim25 fault as our error: `details.fault` its type, `details.method` the
 * operation, and what else the fault itself names.
 */
export function faultError(
  fault: VimValue | undefined,
  message: string,
  { method, object, calledOn }: FaultContext,
): ColdframeError {
  const type = typeOf(fault) || 'Fault';
  const code = codes[type] ?? 'vsphere-fault';
  const details = {
    fault: type,
    method,
    ...(object === undefined ? {} : { object }),
    ...namedParts(fault, code === 'no-permission' ? calledOn : undefined),
  };
  const text = message.trim().replace(/\.?$/, '.');
  return new ColdframeError(
    code,
    sentence(code, { fault, calledOn }, `${method} failed: ${type}: ${text}`),
    {
      details,
    },
  );
}

function sentence(
  code: ErrorCode,
  {
    fault,
    calledOn,
  }: { readonly fault: VimValue | undefined; readonly calledOn: Moref | undefined },
  text: string,
): string {
  if (code === 'no-permission') {
    const privilege = textAt(fault, 'privilegeId') ?? 'unknown';
    const { type, value } = morefAt(fault, 'object') ??
      calledOn ?? { type: 'object', value: 'unknown' };
    return `The account lacks the privilege ${privilege} on ${type} ${value}. Grant it in vCenter, or use another account.`;
  }
  const help = adviceForFault[typeOf(fault)] ?? advice[code];
  return help === undefined ? text : `${text} ${help}`;
}

function namedParts(
  fault: VimValue | undefined,
  calledOn: Moref | undefined,
): Record<string, unknown> {
  const parts: Record<string, unknown> = {};
  for (const name of [
    'privilegeId',
    'invalidProperty',
    'property',
    'file',
    'name',
    'datastore',
    'existingState',
    'requestedState',
  ]) {
    const text = textAt(fault, name);
    if (text !== undefined) parts[name] = text;
  }
  const deviceIndex = numberAt(fault, 'deviceIndex');
  if (deviceIndex !== undefined) parts['deviceIndex'] = deviceIndex;
  const entity = morefAt(fault, 'object') ?? morefAt(fault, 'obj') ?? calledOn;
  if (entity !== undefined) parts['entity'] = entity;
  const cause = typeOf(
    (fault as { faultCause?: { fault?: VimValue } } | undefined)?.faultCause?.fault,
  );
  if (cause !== '') parts['faultCause'] = cause;
  return parts;
}

export function faultOf(error: unknown): string | undefined {
  const fault = error instanceof ColdframeError ? error.details['fault'] : undefined;
  return typeof fault === 'string' ? fault : undefined;
}

/** Whether the server does not have the method at all. */
export function isUnknownMethod(error: unknown): boolean {
  return ['MethodNotFound', 'NotImplemented', 'InvalidRequest'].includes(faultOf(error) ?? '');
}
