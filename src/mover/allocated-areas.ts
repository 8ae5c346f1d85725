import { extentBytes, intersectExtents, normaliseExtents } from '#core/extents.ts';
import type { BackupDiskOrder } from '#core/mover-orders.ts';
import type { RestorePointHeader } from '#core/restore-point.ts';
import type { OpenDisks } from '#transport/open-disks.ts';

export interface Narrowed {
  readonly disks: readonly BackupDiskOrder[];
  /** How much of each full disk is read and why, for people. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** A full copy leaves out what the disk itself says is not allocated; gaps of a full copy are zeros. */
export async function narrowToAllocated(
  disks: readonly BackupDiskOrder[],
  opened: OpenDisks,
  { header, signal }: { readonly header: RestorePointHeader; readonly signal: AbortSignal },
): Promise<Narrowed> {
  const reasons = new Map<string, string>();
  const narrowed: BackupDiskOrder[] = [];
  for (const order of disks) {
    const { label, extents, useAllocated, access } = order;
    const full = header.disks.find((disk) => disk.label === label)?.mode === 'full';
    const { disk } = opened.disk(label);
    const allocated = useAllocated ? await disk.allocated(signal) : undefined;
    if (allocated === undefined) {
      narrowed.push(order);
      if (full) reasons.set(label, wholeReason(useAllocated, access.kind));
      continue;
    }
    const map = normaliseExtents(allocated, disk.info.capacityBytes);
    const used = intersectExtents(map, extents);
    narrowed.push({ ...order, extents: used });
    const bytes = extentBytes(used);
    const who = access.kind === 'block' ? 'the device' : 'VDDK';
    if (full) reasons.set(label, `read are the ${bytes} bytes that ${who} calls allocated`);
  }
  return { disks: narrowed, reasons };
}

function wholeReason(useAllocated: boolean, kind: BackupDiskOrder['access']['kind']): string {
  if (kind === 'block')
    return 'read is every block, since a hot-added device does not tell which are in use';
  if (useAllocated) return 'read is every block, since VDDK does not tell which are in use';
  return 'read is every block, since SAN transport may tell wrongly which are in use';
}
