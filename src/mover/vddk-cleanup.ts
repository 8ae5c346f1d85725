import { toErrorRecord } from '#core/error.ts';
import type { MoverResults, VddkCleanupOrder } from '#core/mover-orders.ts';
import { DiskWorker } from '#transport/native/disk-worker.ts';

import type { MoverJob } from './job.ts';

/** Gives migration back and removes what dead workers left, from a fresh one. */
export async function cleanUpVddk(
  order: VddkCleanupOrder,
  { settings, reporter, signal }: MoverJob,
): Promise<MoverResults['vddk-cleanup']> {
  const { access, endAccessIdentity } = order;
  await using worker = await DiskWorker.start({
    libDir: access.libDir,
    stateDir: settings.vddkStateDir,
    env: settings.workerEnv,
    onLog: (line) => reporter.log('info', line),
    signal,
  });
  await worker.loadLibrary(signal);
  const { server, port, thumbprint, user, password, vmMoref, snapshotMoref, transports } = access;
  const connection = await worker.connection({
    server,
    port,
    thumbprint,
    user,
    password,
    vmMoref,
    ...(snapshotMoref === undefined ? {} : { snapshotMoref }),
    transports,
    readOnly: true,
    ...(endAccessIdentity === undefined ? {} : { identity: endAccessIdentity }),
  });
  if (endAccessIdentity !== undefined) {
    try {
      await connection.endAccess(signal);
    } catch (error) {
      reporter.log('warn', `EndAccess: ${toErrorRecord(error).message}`);
      throw error;
    }
  }
  return await connection.cleanup(signal);
}
