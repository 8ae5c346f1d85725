import { ArchiveReader } from '#archive/archive-reader.ts';
import type { DiskChain } from '#archive/chain.ts';
import { intersectExtents, unionExtents, wholeDisk, type ExtentList } from '#core/extents.ts';
import { toErrorRecord } from '#core/error.ts';
import type { RestoreDiskOrder, RestoreOrder } from '#core/mover-orders.ts';

import { chainPaths } from './chain-files.ts';
import type { MoverJob } from './job.ts';
import { nativeDecoder } from './native-codec.ts';

/**
 * The areas that the order names, and those that later archives of the chain hold: a tracker that
 * forgets what it once reported is no reason to leave old data there. undefined: the whole disk.
 */
export async function areasToWrite(
  {
    order,
    disk,
    source,
  }: {
    readonly order: RestoreOrder;
    readonly disk: RestoreDiskOrder;
    readonly source: Pick<DiskChain, 'capacityBytes'>;
  },
  { reporter, settings: { identities = [] }, signal }: MoverJob,
): Promise<ExtentList | undefined> {
  if (disk.only === undefined) return undefined;
  const whole = wholeDisk(source.capacityBytes);
  let areas = intersectExtents(disk.only, whole);
  for (const archive of order.changedIn ?? [])
    try {
      const [path] = await chainPaths([archive]);
      await using reader = await ArchiveReader.open(path!, {
        ...nativeDecoder,
        identities,
        signal,
      });
      // A disk that was read whole says nothing about what had changed.
      if (reader.describedDisk(disk.label)?.mode !== 'incremental') continue;
      const { table } = await reader.disk(disk.label);
      areas = unionExtents(areas, intersectExtents(table.extents(), whole));
    } catch (error) {
      signal.throwIfAborted();
      const { message } = toErrorRecord(error);
      reporter.log('warn', `${archive.path} could not be asked what changed: ${message}`);
    }
  return areas;
}
