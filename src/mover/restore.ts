import type { ArchiveChain, DiskChain } from '#archive/chain.ts';
import { piecesOf } from '#archive/chain-image.ts';
import { ColdframeError } from '#core/error.ts';
import { extentBytes } from '#core/extents.ts';
import type {
  MoverProgress,
  RestoreDiskOrder,
  RestoreOrder,
  RestoreResult,
} from '#core/mover-orders.ts';
import { OpenDisks, type OpenedDisk } from '#transport/open-disks.ts';

import { areasToWrite } from './areas-to-write.ts';
import { openChain } from './chain-files.ts';
import { findDifferences } from './differences.ts';
import type { MoverJob } from './job.ts';
import { readBack } from './read-back.ts';
import { namingDisk } from './write-failure.ts';
import { writePieces } from './write-pieces.ts';

/** Writes the disks as the chain has them, and proves it by reading them back. */
export async function restore(order: RestoreOrder, job: MoverJob): Promise<RestoreResult> {
  const startedMs = performance.now();
  const { reporter, signal } = job;
  await using chain = await openChain(order.chain, signal, job.settings.identities);
  await using disks = await OpenDisks.open({
    disks: order.disks,
    readOnly: false,
    ...job.settings,
    onLog: (line) => reporter.log('info', line),
    signal,
  });
  const results: RestoreResult['disks'][number][] = [];
  for (const disk of order.disks)
    try {
      results.push(await restoreDisk({ order, disk, chain, opened: disks.disk(disk.label) }, job));
    } catch (error) {
      throw namingDisk(disk.label, error);
    }
  await disks.close();
  return { disks: results, durationMs: performance.now() - startedMs };
}

interface RestoreJob {
  readonly order: RestoreOrder;
  readonly disk: RestoreDiskOrder;
  readonly chain: ArchiveChain;
  readonly opened: OpenedDisk;
}

async function restoreDisk(
  { order, disk, chain, opened }: RestoreJob,
  job: MoverJob,
): Promise<RestoreResult['disks'][number]> {
  const { reporter, signal } = job;
  const { label, targetIsZero, skipSame = false } = disk;
  const { transport } = opened;
  const source = await chain.disk(label);
  checkCapacity(source, opened);
  let only = await areasToWrite({ order, disk, source }, job);
  let totalBytes = only === undefined ? source.capacityBytes : extentBytes(only);
  const progress = (phase: MoverProgress['phase'], doneBytes: number): void =>
    reporter.progress({ label, phase, doneBytes, totalBytes, storedBytes: 0, transport });

  const { chunkBytes } = chain.newest.header;
  let sameBytes = 0;
  if (skipSame) {
    let readBytes = 0;
    progress('comparing', 0);
    const found = await findDifferences(piecesOf(source, only), opened.disk, {
      chain: source,
      chunkBytes,
      targetIsZero: false,
      onRead: (bytes) => {
        readBytes += bytes;
        progress('comparing', readBytes);
      },
      signal,
    });
    ({ extents: only, sameBytes } = found);
    totalBytes = extentBytes(only);
  }
  let fedBytes = 0;
  progress('copying', 0);
  const written = await writePieces(piecesOf(source, only), opened.disk, {
    chain,
    source,
    targetIsZero,
    onFed: (bytes) => {
      fedBytes += bytes;
      progress('copying', fedBytes);
    },
    signal,
  });

  let provenBytes = 0;
  if (order.readBack !== 'off') {
    let readBytes = 0;
    progress('reading-back', 0);
    provenBytes = await readBack(piecesOf(source, only), opened.disk, {
      chain: source,
      chunkBytes,
      how: order.readBack,
      targetIsZero,
      onRead: (bytes) => {
        readBytes += bytes;
        progress('reading-back', readBytes);
      },
      signal,
    });
  }
  progress('finishing', totalBytes);
  return {
    label,
    transport,
    ...written,
    sameBytes,
    provenBytes: provenBytes + sameBytes,
  };
}

function checkCapacity(source: DiskChain, { disk }: OpenedDisk): void {
  if (disk.info.capacityBytes === source.capacityBytes) return;
  throw new ColdframeError(
    'not-eligible',
    `The target of disk ${source.label} has ${disk.info.capacityBytes} bytes and the archive ${source.capacityBytes}. Give it the same size.`,
  );
}
