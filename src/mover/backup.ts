import { ArchiveWriter } from '#archive/archive-writer.ts';
import { manifestSigner } from '#archive/signature.ts';
import { diskMembers } from '#archive/layout.ts';
import { extentBytes } from '#core/extents.ts';
import type {
  AuditFinding,
  BackupDiskOrder,
  BackupOrder,
  BackupResult,
} from '#core/mover-orders.ts';
import type { ArchivedDisk, RestorePointHeader } from '#core/restore-point.ts';
import { OpenDisks, type OpenedDisk } from '#transport/open-disks.ts';

import { narrowToAllocated } from './allocated-areas.ts';
import { audit } from './audit.ts';
import type { MoverJob } from './job.ts';
import { nativeCodec, nativeDigester } from './native-codec.ts';
import { createArchive } from './new-archive.ts';

/** Reads the disks into one archive and commits it; an error leaves no file. */
export async function backUp(order: BackupOrder, job: MoverJob): Promise<BackupResult> {
  const startedMs = performance.now();
  const { reporter, signal } = job;
  const { signingKey, spoolDir, vddkStateDir, workerEnv } = job.settings;
  for (const { label, extents } of order.disks)
    reporter.progress({
      label,
      phase: 'opening',
      doneBytes: 0,
      totalBytes: extentBytes(extents),
      storedBytes: 0,
    });
  await using disks = await OpenDisks.open({
    disks: order.disks,
    readOnly: true,
    vddkStateDir,
    workerEnv,
    onLog: (line) => reporter.log('info', line),
    signal,
  });
  const { disks: audited, findings } = await audit(order, disks, job);
  const { header: ordered } = order;
  const narrowed = await narrowToAllocated(audited, disks, { header: ordered, signal });
  const reached = describeTransports(ordered, disks);
  const header = doubtTracking(withReasons(reached, narrowed.reasons), findings);
  await using archive = await createArchive(order);
  await using writer = new ArchiveWriter({
    sink: archive.sink,
    digester: nativeDigester,
    codec: nativeCodec(order.compressLevel),
    sign: signingKey && manifestSigner(signingKey),
    ...(spoolDir === undefined ? {} : { spoolDir }),
  });
  await writer.begin(header);
  for (const { name, data } of order.members) await writer.addMember(name, data);
  let readBytes = 0;
  for (const disk of narrowed.disks)
    readBytes += await copyDisk({ order, disk, opened: disks.disk(disk.label), writer }, job);
  signal.throwIfAborted();
  const { manifest, seal } = await writer.seal(Date.now());
  await archive.close();
  await disks.close();
  signal.throwIfAborted();
  await archive.commit({ header, manifest });
  const archiveBytes = archive.storedBytes;
  const durationMs = performance.now() - startedMs;
  return { manifest, header, seal, archiveBytes, readBytes, audited: findings, durationMs };
}

function describeTransports(header: RestorePointHeader, disks: OpenDisks): RestorePointHeader {
  const described = header.disks.map((disk): ArchivedDisk => {
    const { transport, note } = disks.disk(disk.label);
    const reason = note === undefined ? disk.transportReason : note;
    return { ...disk, transport, transportReason: reason };
  });
  return { ...header, disks: described };
}

function withReasons(
  header: RestorePointHeader,
  reasons: ReadonlyMap<string, string>,
): RestorePointHeader {
  const disks = header.disks.map((disk): ArchivedDisk => {
    const reason = reasons.get(disk.label);
    return reason === undefined ? disk : { ...disk, modeReason: `${disk.modeReason}; ${reason}` };
  });
  return { ...header, disks };
}

/** Without its position the next backup resets the tracking of such a disk and reads it whole. */
function doubtTracking(
  header: RestorePointHeader,
  findings: readonly AuditFinding[],
): RestorePointHeader {
  const wrong = new Set(
    findings.filter(({ differentBytes }) => differentBytes > 0).map(({ label }) => label),
  );
  const disks = header.disks.map((disk): ArchivedDisk => {
    if (!wrong.has(disk.label)) return disk;
    const modeReason = `${disk.modeReason}; the audit found other changes too`;
    return { ...disk, changeId: null, modeReason };
  });
  return { ...header, disks };
}

interface CopyJob {
  readonly order: BackupOrder;
  readonly disk: BackupDiskOrder;
  readonly opened: OpenedDisk;
  readonly writer: ArchiveWriter;
}

async function copyDisk(
  { order, disk, opened, writer }: CopyJob,
  { reporter, signal }: MoverJob,
): Promise<number> {
  const { label } = disk;
  const { capacityBytes } = opened.disk.info;
  const metadata = await opened.disk.metadata(signal);
  if (Object.keys(metadata).length > 0)
    await writer.addMember(
      diskMembers(label).metadata,
      Buffer.from(`${JSON.stringify(metadata, null, 2)}\n`),
    );
  const { extents } = disk;
  const totalBytes = extentBytes(extents);
  const storedBefore = writer.storedBytes;
  let doneBytes = 0;
  const report = (): void =>
    reporter.progress({
      label,
      phase: 'copying',
      doneBytes,
      totalBytes,
      storedBytes: writer.storedBytes - storedBefore,
      transport: opened.transport,
    });
  report();
  await writer.beginDisk(label, capacityBytes, extents);
  const { chunkBytes, compression } = order.header;
  const stream = opened.disk.read({
    extents,
    chunkBytes,
    ...(compression === 'zstd' ? { compressLevel: order.compressLevel } : {}),
    signal,
  });
  for await (const { slots } of stream) {
    const bytes = slots.reduce((sum, { data }) => sum + data.length, 0);
    await writer.writeSlots(slots);
    doneBytes += bytes;
    report();
  }
  await writer.endDisk();
  return doneBytes;
}
