import type { RestoreResult } from '#core/mover-orders.ts';

import type { DiskMethod, RestoreOutcome } from './requests.ts';

export const wholeDiskMethod: DiskMethod = {
  method: 'whole',
  methodReason: 'the whole disk is restored',
};

/** The mover's figures, with why so much was written; disks that `methods` does not name were written whole. */
export function withMethods(
  disks: RestoreResult['disks'],
  methods: ReadonlyMap<string, DiskMethod>,
): RestoreOutcome['disks'] {
  return disks.map((disk) => {
    const { method, methodReason } = methods.get(disk.label) ?? wholeDiskMethod;
    return { ...disk, method, methodReason };
  });
}
