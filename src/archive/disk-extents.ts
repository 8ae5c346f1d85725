import { ColdframeError } from '#core/error.ts';
import type { ExtentList } from '#core/extents.ts';

const sectorBytes = 512;

/** Holds extents to what the format allows: sorted, apart, whole sectors, inside the disk. */
export function checkExtents(label: string, extents: ExtentList, capacityBytes: number): void {
  let end = -1;
  for (let i = 0; i < extents.length; i += 2) {
    const offset = extents[i]!;
    const length = extents[i + 1] ?? 0;
    const isTail = offset + length === capacityBytes;
    const aligned = offset % sectorBytes === 0 && (length % sectorBytes === 0 || isTail);
    if (!aligned || length <= 0 || offset <= end || offset + length > capacityBytes)
      throw new ColdframeError(
        'internal',
        `Disk ${label}: extent ${offset}+${length} is not a sorted, separate range of whole sectors of its ${capacityBytes} bytes. Please report this.`,
      );
    end = offset + length;
  }
}
