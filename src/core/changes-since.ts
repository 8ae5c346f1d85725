import { parseChangeId } from './change-id.ts';
import type { ArchivedDisk } from './restore-point.ts';
import type { VmDisk } from './vm.ts';

/**
 * Why vSphere cannot be asked what changed on `disk` since a restore point held it as `before`;
 * undefined when its changed blocks can be trusted. Any doubt costs time; trusting wrongly costs data.
 */
export function doubtAboutChanges(
  disk: VmDisk,
  before: ArchivedDisk | undefined,
): string | undefined {
  if (before === undefined) return 'the restore point does not hold this disk';
  if (before.key !== disk.key) return 'the disk sits on another controller than it did then';
  if (before.uuid.toLowerCase() !== disk.uuid.toLowerCase())
    return 'another disk sits in this slot than did then';
  if (before.capacityBytes !== disk.capacityBytes)
    return `the disk was resized from ${before.capacityBytes} to ${disk.capacityBytes} bytes`;
  if (disk.changeId === undefined) return 'changed block tracking is not active on this disk';
  if (before.changeId === null) return 'changed block tracking was not active at the restore point';
  const now = parseChangeId(disk.changeId);
  const then = parseChangeId(before.changeId);
  if (now === undefined || then === undefined)
    return 'the changed block tracking position is not in a known form';
  if (now.tracker !== then.tracker)
    return 'changed block tracking was reset since the restore point';
  if (now.sequence < then.sequence) return 'the VM went back to an earlier snapshot';
  return undefined;
}
