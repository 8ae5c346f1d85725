import { toErrorRecord } from '#core/error.ts';
import type { VddkAccess } from '#core/disk-access.ts';
import type { MoverResults, VddkCleanupOrder, VddkPrepareOrder } from '#core/mover-orders.ts';
import { DiskWorker } from '#transport/native/disk-worker.ts';
import { loading } from '#transport/open-disks.ts';
import type { WorkerConnection } from '#transport/native/worker-connection.ts';

import type { MoverJob } from './job.ts';

/** Keeps the VM where it is, from before its snapshot on; `cleanUpVddk` lets it go again. */
export async function prepareVddk(
  { access, identity }: VddkPrepareOrder,
  job: MoverJob,
): Promise<MoverResults['vddk-prepare']> {
  await using worker = await startWorker(access, job);
  const connection = await connectionOf(worker, access, identity);
  await connection.prepareForAccess(job.signal);
  return {};
}

/** Gives migration back and removes what dead workers left, from a fresh one. */
export async function cleanUpVddk(
  { access, endAccessIdentity }: VddkCleanupOrder,
  job: MoverJob,
): Promise<MoverResults['vddk-cleanup']> {
  const { reporter, signal } = job;
  await using worker = await startWorker(access, job);
  const connection = await connectionOf(worker, access, endAccessIdentity);
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

async function startWorker(
  { libDir }: VddkAccess,
  { settings, reporter, signal }: MoverJob,
): Promise<DiskWorker> {
  await using stack = new AsyncDisposableStack();
  const worker = stack.use(
    await DiskWorker.start({
      libDir,
      stateDir: settings.vddkStateDir,
      env: settings.workerEnv,
      onLog: (line) => reporter.log('info', line),
      signal,
    }),
  );
  await loading(worker.loadLibrary(signal));
  stack.move();
  return worker;
}

/** Not connected: PrepareForAccess, EndAccess and Cleanup work without. */
function connectionOf(
  worker: DiskWorker,
  access: VddkAccess,
  identity: string | undefined,
): Promise<WorkerConnection> {
  const { server, port, thumbprint, user, password, vmMoref, snapshotMoref, transports } = access;
  return worker.connection({
    server,
    port,
    thumbprint,
    user,
    password,
    vmMoref,
    ...(snapshotMoref === undefined ? {} : { snapshotMoref }),
    transports,
    readOnly: true,
    ...(identity === undefined ? {} : { identity }),
  });
}
