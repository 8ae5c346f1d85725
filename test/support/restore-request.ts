import type { RestorePoint } from '#core/restore-point.ts';
import type { RestoreRequest } from '#engine/requests.ts';

import type { LabGround } from './lab-ground.ts';

/** A restore of `point` into its own VM, powered off for it, by the built-in HotAdd, with `change`. */
export function restoreRequest(
  { bench }: LabGround,
  point: RestorePoint,
  change: Partial<RestoreRequest> = {},
): RestoreRequest {
  return {
    endpoint: bench.endpoint,
    repository: bench.repository,
    restorePointId: point.header.id,
    taskId: 'restore1',
    target: { kind: 'in-place', powerOff: true },
    powerOn: false,
    readBack: 'full',
    transports: ['hotadd-own'],
    ...change,
  };
}
