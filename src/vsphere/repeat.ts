import { ColdframeError } from '#core/error.ts';
import { faultOf } from './fault.ts';

/** Operations that change nothing that outlives the login: making them twice does no harm. */
const harmlessTwice = new Set([
  'RetrieveServiceContent',
  'CurrentTime',
  'RetrievePropertiesEx',
  'CreateContainerView',
  'DestroyView',
  'FindByUuid',
  'FindAllByUuid',
  'FindByInventoryPath',
  'QueryChangedDiskAreas',
  'GET',
  'PUT',
]);

const passingFaults = new Set([
  'HostNotConnected',
  'HostCommunication',
  'Timedout',
  'ResourceInUse',
  'ConcurrentAccess',
]);

const maxAttempts = 5;

/** Whether a failed call may simply be made again. */
export function mayRepeat(operation: string, error: unknown, attempt: number): boolean {
  if (!(error instanceof ColdframeError) || attempt >= maxAttempts) return false;
  if (!harmlessTwice.has(operation)) return false;
  const fault = faultOf(error);
  if (fault !== undefined) return passingFaults.has(fault);
  return (
    error.code === 'unreachable' &&
    (error.details['status'] === undefined || Number(error.details['status']) >= 500)
  );
}

export function backOffMs(attempt: number): number {
  return Math.min(250 * 2 ** attempt, 15_000);
}
