import { piecesOf } from '#archive/chain-image.ts';
import { extentBytes, unionExtents, type ExtentList } from '#core/extents.ts';
import { toErrorRecord } from '#core/error.ts';
import type { AuditFinding, BackupDiskOrder, BackupOrder } from '#core/mover-orders.ts';
import type { OpenDisks } from '#transport/open-disks.ts';

import { openChain } from './chain-files.ts';
import { findDifferences } from './differences.ts';
import type { MoverJob } from './job.ts';

export interface Audit {
  /** What is to be copied of each disk: as ordered, and what differs. */
  readonly disks: readonly BackupDiskOrder[];
  readonly findings: readonly AuditFinding[];
}

/**
 * Reads the areas that change tracking calls unchanged and compares them with the digests of the
 * chain, before anything is written. What differs is copied like what has changed. Trouble with
 * the audit itself is no trouble for the backup.
 */
export async function audit(order: BackupOrder, opened: OpenDisks, job: MoverJob): Promise<Audit> {
  const { reporter, signal, settings } = job;
  const wanted = order.disks.filter((disk) => disk.audit !== undefined);
  if (order.auditAgainst === undefined || wanted.length === 0)
    return { disks: order.disks, findings: [] };
  const findings: AuditFinding[] = [];
  const more = new Map<string, ExtentList>();
  try {
    await using chain = await openChain(order.auditAgainst, signal, settings.identities);
    const { chunkBytes } = chain.newest.header;
    for (const { label, audit: areas } of wanted) {
      const totalBytes = extentBytes(areas!);
      const { transport, disk } = opened.disk(label);
      let comparedBytes = 0;
      const progress = (): void =>
        reporter.progress({
          label,
          phase: 'comparing',
          doneBytes: comparedBytes,
          totalBytes,
          storedBytes: 0,
          transport,
        });
      progress();
      const source = await chain.disk(label);
      const { extents } = await findDifferences(piecesOf(source, areas), disk, {
        chain: source,
        chunkBytes,
        targetIsZero: false,
        onRead: (bytes) => {
          comparedBytes += bytes;
          progress();
        },
        signal,
      });
      more.set(label, extents);
      findings.push({ label, comparedBytes, differentBytes: extentBytes(extents) });
    }
  } catch (error) {
    signal.throwIfAborted();
    reporter.log('warn', `Change tracking could not be audited: ${toErrorRecord(error).message}`);
  }
  const disks = order.disks.map((disk) => {
    const extents = more.get(disk.label);
    return extents === undefined ? disk : { ...disk, extents: unionExtents(disk.extents, extents) };
  });
  return { disks, findings };
}
